import type { AggregateType, DomainEvent } from '../domain';
import type { AggregateRepository, Awaitable, Loaded, Updated } from '../event-sourcing';
import type { MessageContext, OutgoingMessage } from '../messaging/message';
import type { UnitOfWork } from './unit-of-work';

/** What one request or message does within a unit of work; everything it writes carries its context. */
export class Scope {
  /** How much was staged; a handler that rejects must have staged nothing. */
  staged = 0;

  constructor(
    readonly work: UnitOfWork,
    readonly context: MessageContext,
  ) {}

  aggregates<State, Event extends DomainEvent>(
    type: AggregateType<State, Event>,
  ): AggregateRepository<State, Event> {
    return new ScopedAggregates(this, type);
  }

  /** Stages a message for the outbox. */
  publish(message: OutgoingMessage): void {
    this.staged += 1;
    this.work.publish(message, this.context);
  }
}

/** The aggregates of one type, for one scope. */
class ScopedAggregates<State, Event extends DomainEvent> implements AggregateRepository<State, Event> {
  constructor(
    private readonly scope: Scope,
    private readonly type: AggregateType<State, Event>,
  ) {}

  async load(id: string): Promise<Loaded<State>> {
    const { version, state } = await this.scope.work.aggregate(this.type, id);
    return { id, version, state: state as State };
  }

  async update<Given extends readonly unknown[]>(
    id: string,
    decide: (state: State, ...given: Given) => readonly Event[],
    ...given: Awaitable<Given>
  ): Promise<Updated<State, Event>> {
    const { work, context } = this.scope;
    const [aggregate, ...known] = await Promise.all([work.aggregateToUpdate(this.type, id), ...given]);
    const decideNow = () => decide(aggregate.state as State, ...(known as unknown as Given));
    // A refusal, or that nothing is to be done, is proven by no append: it counts only as a decision on what is stored.
    if (aggregate.isRemembered && !givesEvents(decideNow)) await work.refresh(this.type, id, aggregate);
    const events = decideNow();
    work.append(this.type, id, aggregate, events, context);
    this.scope.staged += events.length;
    return { id, version: aggregate.version, state: aggregate.state as State, events };
  }
}

function givesEvents(decide: () => readonly unknown[]): boolean {
  try {
    return decide().length > 0;
  } catch {
    // It will be thrown again if it is true.
    return false;
  }
}
