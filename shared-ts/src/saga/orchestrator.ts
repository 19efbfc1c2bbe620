import type { IncomingMessage } from '../messaging/message';
import { UndecodableMessage } from '../messaging/decode';
import type { MessageHandler } from '../messaging/router';
import type { Scope } from '../unit-of-work';
import type { Advance } from './advance';
import type { SagaDefinition } from './definition';
import { observe, type SagaMetrics } from './metrics';
import type { SagaInstance } from './saga-store';
import { handleReply, start, type SagaReply } from './transitions';

/** The port through which commands and event handlers start a saga, in their own transaction. */
export interface Sagas {
  /**
   * Starts a saga, unless one with this id was started before.
   * @param sagaId UUID; where there is one saga a thing, the thing's id
   */
  start<Data>(definition: SagaDefinition<Data>, sagaId: string, data: Data): Promise<void>;
}

/** The port `Sagas`, for one scope of a unit of work. */
export const sagasOf = (scope: Scope, metrics: SagaMetrics, now = present): Sagas =>
  new ScopedSagas(scope, metrics, now);

class ScopedSagas implements Sagas {
  constructor(
    private readonly scope: Scope,
    private readonly metrics: SagaMetrics,
    private readonly now: () => Date,
  ) {}

  async start<Data>(definition: SagaDefinition<Data>, sagaId: string, data: Data): Promise<void> {
    const { work, context } = this.scope;
    // Only then is it asked what this unit of work does: another message of the batch may start it meanwhile.
    if ((await work.wasStarted(sagaId)) || work.savesSaga(sagaId)) return;
    const { correlationId } = context;
    const advance = start(definition, { sagaId, data, correlationId }, this.now());
    keep(this.scope, this.metrics, undefined, advance);
  }
}

const present = (): Date => new Date();

/** The message handler that takes a definition's sagas on by their replies. */
export const sagaReplies = <Ports, Data>(
  definition: SagaDefinition<Data>,
  metrics: SagaMetrics,
  now = present,
): MessageHandler<Ports> => ({
  route: definition.name,
  handle: async (_ports, message, scope) => {
    const { sagaId, reply } = toReply(message);
    const instance = await scope.work.sagaAwaiting(sagaId, reply.inReplyTo);
    const advance =
      instance?.sagaName === definition.name
        ? handleReply(definition, instance as SagaInstance<Data>, reply, now())
        : undefined;
    if (advance === undefined) scope.work.afterCommit(countIgnored, metrics, definition.name);
    else keep(scope, metrics, instance, advance);
  },
});

const countIgnored = ({ ignoredReplies }: SagaMetrics, saga: string): void => ignoredReplies.inc({ saga });

/** Stages what an advance asks for. */
export function keep<Data>(
  scope: Scope,
  metrics: SagaMetrics,
  before: SagaInstance | undefined,
  advance: Advance<Data>,
): void {
  scope.work.saveSaga(advance.instance, advance.transitions);
  if (advance.command !== undefined) scope.publish(advance.command);
  scope.work.afterCommit(observe, metrics, before, advance);
}

function toReply({ attributes, name, payload }: IncomingMessage): { sagaId: string; reply: SagaReply } {
  const { sagaid, inreplyto, outcome } = attributes;
  if (sagaid === undefined || inreplyto === undefined)
    throw new UndecodableMessage('a reply lacks ce-sagaid or ce-inreplyto');
  if (outcome !== 'SUCCESS' && outcome !== 'FAILURE')
    throw new UndecodableMessage('a reply lacks ce-outcome');
  return { sagaId: sagaid, reply: { inReplyTo: inreplyto, outcome, name, payload } };
}
