import DataLoader from 'dataloader';
import { newId } from '../ids';
import type { AggregateType, DomainEvent } from '../domain';
import type { NewEvent, Snapshot } from '../event-sourcing';
import type { MessageContext, OutgoingMessage } from '../messaging/message';
import { onceMore, toOutboxRow, type OutboxRow } from '../messaging/outbox';
import type { SagaInstance, SagaTransition } from '../saga/saga-store';
import { rebuild, type LoadedAggregate } from './loaded-aggregate';
import type { ProcessMemory } from './process-memory';
import { Scope } from './scope';
import { StagedWrites } from './staged-writes';
import type { Stores } from './stores';

/** A snapshot is taken whenever a stream grows past a multiple of this many events. */
export const EVENTS_PER_SNAPSHOT = 50;

/**
 * Collects what a transaction reads and writes. Handlers that run side by side in one unit of work share it: their loads of
 * one moment become one query, they see each other's decisions, and all their writes go out together, each kind as one statement, just before
 * the commit. Handlers read as if each ran alone.
 */
export class UnitOfWork {
  private readonly loaders = new Map<string, DataLoader<string, unknown>>();
  private readonly batchers = new Map<string, DataLoader<unknown, unknown>>();
  private readonly ownWrites = new Map<string, StagedWrites<unknown>>();
  private readonly newEvents: NewEvent[] = [];
  private readonly snapshots = new Map<string, Snapshot>();
  /** Aggregates that begin here. */
  private readonly begun = new Map<string, LoadedAggregate>();
  private readonly outboxRows: OutboxRow[] = [];
  private readonly sagas = new Map<string, SagaInstance>();
  private readonly transitions: SagaTransition[] = [];
  private readonly commitListeners: (() => void)[] = [];
  private entering: Promise<void> | undefined;

  constructor(
    readonly stores: Stores,
    private readonly serviceId: string,
    private readonly memory: ProcessMemory,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** One request's or message's part of this unit of work. */
  scope(context: MessageContext): Scope {
    return new Scope(this, context);
  }

  /**
   * Enters messages into the inbox as new. It goes out with whatever is asked next, at the latest with the commit, which waits for it.
   * @returns rejects with Repeated when one was handled before; so does the commit
   */
  enterNew(messageIds: readonly string[]): Promise<void> {
    this.entering = this.stores.inbox.enterNew(this.serviceId, messageIds);
    this.entering.catch(ignore);
    return this.entering;
  }

  /**
   * Coalesces loads by key: all keys asked for in one turn of the event loop become one call of `batch`, and a key is asked for once in a
   * unit of work.
   * @param batch gives a value for each key, in the order of the keys
   */
  loader<Value>(
    name: string,
    batch: (keys: readonly string[]) => Promise<readonly Value[]>,
  ): DataLoader<string, Value> {
    let loader = this.loaders.get(name);
    if (loader === undefined) {
      loader = new DataLoader<string, unknown>(batch);
      this.loaders.set(name, loader);
    }
    return loader as DataLoader<string, Value>;
  }

  /**
   * Coalesces writes whose results are waited for: all that are asked for in one turn of the event loop become one call of `batch`. Unlike a load, each is
   * carried out, however often it is asked for.
   * @param batch gives a result for each request, in the order of the requests
   */
  batcher<Request, Result>(
    name: string,
    batch: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>,
  ): (request: Request) => Promise<Result> {
    let batcher = this.batchers.get(name) as DataLoader<Request, Result> | undefined;
    if (batcher === undefined) {
      batcher = new DataLoader(batch, { cache: false });
      this.batchers.set(name, batcher);
    }
    return (request) => batcher.load(request);
  }

  /**
   * A service's own writes whose results nobody waits for: all that are staged go out by one call of `write`, with the commit.
   * @param write what makes one statement of many items
   */
  stagedWrites<Item>(name: string, write: (items: readonly Item[]) => Promise<void>): StagedWrites<Item> {
    let writes = this.ownWrites.get(name) as StagedWrites<Item> | undefined;
    if (writes === undefined) {
      writes = new StagedWrites(write);
      this.ownWrites.set(name, writes as StagedWrites<unknown>);
    }
    return writes;
  }

  /** The aggregate, shared by all scopes. */
  async aggregate<State, Event extends DomainEvent>(
    type: AggregateType<State, Event>,
    id: string,
  ): Promise<LoadedAggregate> {
    const aggregate = await this.aggregates(type).load(id);
    if (aggregate.isRemembered) await this.refresh(type, id, aggregate);
    return aggregate;
  }

  /** As `aggregate`, for what may end in an append: it may be a remembered one. */
  aggregateToUpdate<State, Event extends DomainEvent>(
    type: AggregateType<State, Event>,
    id: string,
  ): Promise<LoadedAggregate> {
    const aggregates = this.aggregates(type);
    const remembered = this.memory.aggregates.take(keyOf(type, id));
    if (remembered !== undefined) aggregates.prime(id, remembered);
    return aggregates.load(id);
  }

  /** Makes a remembered aggregate what is stored, unless something was appended to it meanwhile. */
  async refresh<State, Event extends DomainEvent>(
    type: AggregateType<State, Event>,
    id: string,
    aggregate: LoadedAggregate,
  ): Promise<void> {
    const [stored] = await this.loadAggregates(type, [id]);
    if (aggregate.isRemembered) Object.assign(aggregate, stored);
  }

  private aggregates<State, Event extends DomainEvent>(type: AggregateType<State, Event>) {
    return this.loader(type.name, (ids) => this.loadAggregates(type, ids));
  }

  private async loadAggregates<State, Event extends DomainEvent>(
    type: AggregateType<State, Event>,
    ids: readonly string[],
  ): Promise<LoadedAggregate[]> {
    const streams = await this.stores.events.load(type, ids);
    const aggregates: LoadedAggregate[] = [];
    for (const id of ids) aggregates.push(rebuild(type, streams.get(id)));
    return aggregates;
  }

  /** Applies decided events to an aggregate and stages them. */
  append<State, Event extends DomainEvent>(
    type: AggregateType<State, Event>,
    id: string,
    aggregate: LoadedAggregate,
    events: readonly Event[],
    context: MessageContext,
  ): void {
    if (events.length === 0) return;
    const before = aggregate.version;
    aggregate.isRemembered = false;
    if (before === 0) this.begun.set(keyOf(type, id), aggregate);
    else this.memory.aggregates.take(keyOf(type, id));
    for (const event of events) {
      aggregate.state = type.evolve(aggregate.state as State, event);
      aggregate.version += 1;
      this.newEvents.push({
        aggregateName: type.name,
        aggregateId: id,
        version: aggregate.version,
        type: event.type,
        data: event.data,
        correlationId: context.correlationId,
        causationId: context.causationId,
      });
      if (type.published.has(event.type)) {
        this.publish(
          {
            id: newId(),
            channel: type.name,
            name: event.type,
            kind: 'event',
            partitionKey: id,
            attributes: { subject: id, sequence: String(aggregate.version) },
            payload: event.data,
          },
          context,
        );
      }
    }
    if (Math.floor(aggregate.version / EVENTS_PER_SNAPSHOT) > Math.floor(before / EVENTS_PER_SNAPSHOT)) {
      this.snapshots.set(keyOf(type, id), {
        aggregateName: type.name,
        aggregateId: id,
        version: aggregate.version,
        snapshotVersion: type.snapshotVersion,
        state: aggregate.state,
      });
    }
  }

  /** Stages a message for the outbox. */
  publish(message: OutgoingMessage, context: MessageContext): void {
    this.outboxRows.push(toOutboxRow(this.serviceId, message, context, this.now()));
  }

  /** Stages a message that was sent before for the outbox once more; see `onceMore`. */
  publishAgain(row: OutboxRow): void {
    this.outboxRows.push(onceMore(row, newId(), this.now()));
  }

  /** The saga as this unit of work has left it so far, locked. */
  async saga(id: string): Promise<SagaInstance | undefined> {
    const stored = await this.loader('saga instances', (ids) => this.lockSagas(ids)).load(id);
    return this.sagas.get(id) ?? stored;
  }

  /**
   * Whether a saga was started under this id before this unit of work. Where messages are handled as new, it is taken for new as well: if it is not, its
   * save fails with a ConcurrencyConflict, and the messages are handled once more, one by one.
   */
  async wasStarted(sagaId: string): Promise<boolean> {
    return this.entering === undefined && (await this.saga(sagaId)) !== undefined;
  }

  /** Whether a saga's new state is staged. */
  savesSaga(sagaId: string): boolean {
    return this.sagas.has(sagaId);
  }

  /**
   * The saga that a reply to a command is for: as it is remembered, if it awaits that reply, else locked. What is remembered may be out of date all the same;
   * then its save fails with a ConcurrencyConflict, and the reply is handled once more.
   */
  async sagaAwaiting(id: string, commandId: string): Promise<SagaInstance | undefined> {
    const remembered = this.savesSaga(id) ? undefined : this.memory.sagas.take(id);
    return remembered?.pendingCommandId === commandId ? remembered : this.saga(id);
  }

  private async lockSagas(ids: readonly string[]): Promise<(SagaInstance | undefined)[]> {
    const found = await this.stores.sagas.lock(ids);
    const instances: (SagaInstance | undefined)[] = [];
    for (const id of ids) instances.push(found.get(id));
    return instances;
  }

  /** Stages a saga's new state and what led to it. */
  saveSaga(instance: SagaInstance, transitions: readonly SagaTransition[]): void {
    this.sagas.set(instance.sagaId, instance);
    this.transitions.push(...transitions);
  }

  /** Remembers what to call, and what with, once the transaction is committed: counting, for one. It must not throw. */
  afterCommit<Given extends readonly unknown[]>(listener: (...given: Given) => void, ...given: Given): void {
    this.commitListeners.push(() => listener(...given));
  }

  /** Called by the transactor when the transaction is committed. */
  committed(): void {
    for (const saga of this.sagas.values()) this.memory.sagas.keep(saga);
    for (const [key, aggregate] of this.begun) {
      aggregate.isRemembered = true;
      this.memory.aggregates.keep(key, aggregate);
    }
    for (const listener of this.commitListeners) listener();
  }

  /** Writes everything that was staged and commits, without waiting in between: all of it is one round trip. */
  async flush(commit: () => Promise<void>): Promise<void> {
    const { events, outbox, sagas } = this.stores;
    // The first of them, so that it is a message's having been handled before that counts, and not what comes of handling it again.
    const writes: Promise<void>[] = this.entering === undefined ? [] : [this.entering];
    for (const own of this.ownWrites.values()) writes.push(own.flush());
    if (this.newEvents.length > 0) writes.push(events.append(this.newEvents));
    if (this.snapshots.size > 0) writes.push(events.saveSnapshots([...this.snapshots.values()]));
    if (this.sagas.size > 0) writes.push(sagas.save([...this.sagas.values()]));
    if (this.transitions.length > 0) writes.push(sagas.record(this.transitions));
    if (this.outboxRows.length > 0) writes.push(outbox.add(this.outboxRows));
    let failed = false;
    const noteFailure = (): void => {
      failed = true;
    };
    for (const write of writes) write.catch(noteFailure);
    // A write that fails before it is sent says so within this turn: the database knows nothing of it, and must not be asked to commit.
    await Promise.resolve();
    if (!failed) writes.push(commit());
    // The first failure is the cause; those after it only say that the transaction has failed.
    for (const outcome of await Promise.allSettled(writes)) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
  }
}

const keyOf = ({ name }: { readonly name: string }, id: string): string => `${name} ${id}`;

const ignore = (): void => undefined;
