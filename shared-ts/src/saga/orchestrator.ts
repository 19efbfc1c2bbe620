import { Counter } from 'prom-client';
import type { IncomingMessage } from '../messaging/message';
import { UndecodableMessage } from '../messaging/decode';
import type { MessageHandler } from '../messaging/router';
import type { Metrics } from '../telemetry';
import type { Scope } from '../unit-of-work';
import type { SagaDefinition } from './definition';
import type { SagaInstance } from './saga-store';
import { handleReply, start, type Advance, type SagaReply } from './transitions';

/** The port through which commands and event handlers start a saga, in their own transaction. */
export interface Sagas {
  /**
   * Starts a saga, unless one with this id was started before.
   * @param sagaId UUID; where there is one saga a thing, the thing's id
   */
  start<Data>(definition: SagaDefinition<Data>, sagaId: string, data: Data): Promise<void>;
}

/** What is counted of sagas. */
export interface SagaMetrics {
  /** Sagas that entered a state: RUNNING when they start, then what they end in. */
  readonly states: Counter<'saga' | 'state'>;
  /** Replies that answered no command that was out. */
  readonly ignoredReplies: Counter<'saga'>;
}

export const sagaMetrics = ({ registry }: Pick<Metrics, 'registry'>): SagaMetrics => ({
  states: new Counter({
    name: 'ftgo_sagas_total',
    help: 'Sagas that entered a state, by name and state.',
    labelNames: ['saga', 'state'],
    registers: [registry],
  }),
  ignoredReplies: new Counter({
    name: 'ftgo_saga_replies_ignored_total',
    help: 'Replies that answered no command that was out: late, doubled or foreign.',
    labelNames: ['saga'],
    registers: [registry],
  }),
});

/** The port `Sagas`, for one scope of a unit of work. */
export const sagasOf = (scope: Scope, metrics: SagaMetrics, now: () => Date = () => new Date()): Sagas => ({
  start: async (definition, sagaId, data) => {
    if ((await scope.work.saga(sagaId)) !== undefined) return;
    keep(
      scope,
      metrics,
      undefined,
      start(definition, { sagaId, data, correlationId: scope.context.correlationId }, now()),
    );
  },
});

/** The message handler that takes a definition's sagas on by their replies. */
export const sagaReplies = <Ports, Data>(
  definition: SagaDefinition<Data>,
  metrics: SagaMetrics,
  now: () => Date = () => new Date(),
): MessageHandler<Ports> => ({
  route: definition.name,
  handle: async (_ports, message, scope) => {
    const { sagaId, reply } = toReply(message);
    const instance = await scope.work.saga(sagaId);
    const advance =
      instance?.sagaName === definition.name
        ? handleReply(definition, instance as SagaInstance<Data>, reply, now())
        : undefined;
    if (advance === undefined)
      scope.work.afterCommit(() => metrics.ignoredReplies.inc({ saga: definition.name }));
    else keep(scope, metrics, instance, advance);
  },
});

/** Stages what an advance asks for. */
export function keep<Data>(
  scope: Scope,
  metrics: SagaMetrics,
  before: SagaInstance | undefined,
  { instance, command, transitions }: Advance<Data>,
): void {
  scope.work.saveSaga(instance, transitions);
  if (command !== undefined) scope.publish(command);
  if (before?.state !== instance.state) {
    scope.work.afterCommit(() => metrics.states.inc({ saga: instance.sagaName, state: instance.state }));
  }
}

function toReply({ attributes, name, payload }: IncomingMessage): { sagaId: string; reply: SagaReply } {
  const { sagaid, inreplyto, outcome } = attributes;
  if (sagaid === undefined || inreplyto === undefined)
    throw new UndecodableMessage('a reply lacks ce-sagaid or ce-inreplyto');
  if (outcome !== 'SUCCESS' && outcome !== 'FAILURE')
    throw new UndecodableMessage('a reply lacks ce-outcome');
  return { sagaId: sagaid, reply: { inReplyTo: inreplyto, outcome, name, payload } };
}
