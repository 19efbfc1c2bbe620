import { newId } from '../ids';
import type { Outcome, OutgoingMessage } from '../messaging/message';
import { replyChannel, type SagaCommand, type SagaDefinition, type SagaStep } from './definition';
import type { SagaInstance, SagaTransition } from './saga-store';

/** How long a step may wait for its reply before the command is sent again, in milliseconds. */
export const STEP_DEADLINE = 30_000;
/** How long a step that was refused where it may not fail waits before it is tried again; doubles each time. */
const FIRST_RETRY = 1_000;
const MAX_RETRY = 60_000;
/** After so many refusals a person must look: the saga is STUCK. */
export const MAX_REFUSALS = 10;

/** A reply, as far as a saga is concerned. */
export interface SagaReply {
  readonly inReplyTo: string;
  readonly outcome: Outcome;
  readonly name: string;
  readonly payload: unknown;
}

/** A saga's next state, the command to send for it, and what to write into its history. */
export interface Advance<Data> {
  readonly instance: SagaInstance<Data>;
  readonly command?: OutgoingMessage;
  readonly transitions: readonly SagaTransition[];
}

/** Starts a saga: the command of its first step with an action goes out. */
export function start<Data>(
  definition: SagaDefinition<Data>,
  saga: { readonly sagaId: string; readonly data: Data; readonly correlationId: string },
  now: Date,
): Advance<Data> {
  const instance: SagaInstance<Data> = {
    ...saga,
    sagaName: definition.name,
    state: 'RUNNING',
    step: -1,
    attempts: 0,
  };
  const started = transition(instance, 'started', '');
  const next = forward(definition, instance, now);
  return { ...next, transitions: [started, ...next.transitions] };
}

/**
 * Takes a saga on by a reply.
 * @returns undefined when the reply answers no command that is out: it is late, doubled or not this saga's
 */
export function handleReply<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  reply: SagaReply,
  now: Date,
): Advance<Data> | undefined {
  if (instance.pendingCommandId === undefined || reply.inReplyTo !== instance.pendingCommandId)
    return undefined;
  const step = stepOf(definition, instance.step);
  const seen: SagaTransition = {
    ...transition(instance, 'reply', step.name),
    message: reply.name,
    messageId: reply.inReplyTo,
    outcome: reply.outcome,
  };
  const next =
    reply.outcome === 'SUCCESS'
      ? succeeded(definition, instance, step, reply, now)
      : refused(definition, instance, reply, now);
  return { ...next, transitions: [seen, ...next.transitions] };
}

/** Sends an overdue saga's command once more: the same one while its reply is awaited, a new one after a refusal. */
export function resend<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
): Advance<Data> {
  const step = stepOf(definition, instance.step);
  const command =
    instance.state === 'COMPENSATING' ? step.compensation?.(instance.data) : step.action?.(instance.data);
  if (command === undefined) throw new Error(`${definition.name} has nothing to send again at ${step.name}`);
  return emit(instance, step, command, now, instance.pendingCommandId);
}

function succeeded<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  step: SagaStep<Data>,
  reply: SagaReply,
  now: Date,
): Advance<Data> {
  if (instance.state === 'COMPENSATING') return backward(definition, instance, now);
  const data = step.onReply === undefined ? instance.data : step.onReply(instance.data, reply.payload);
  return forward(definition, { ...instance, data }, now);
}

function refused<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  reply: SagaReply,
  now: Date,
): Advance<Data> {
  const failure = reasonOf(reply);
  if (instance.state === 'RUNNING' && !isPastPivot(definition, instance.step)) {
    const compensating: SagaInstance<Data> = { ...instance, state: 'COMPENSATING', failure };
    const turned = transition(compensating, 'compensating', stepOf(definition, instance.step).name);
    const next = backward(definition, compensating, now);
    return { ...next, transitions: [turned, ...next.transitions] };
  }
  // Past the pivot, and on the way back, there is only one direction: try again, and call a person when that does not help.
  const attempts = instance.attempts + 1;
  const step = stepOf(definition, instance.step).name;
  if (attempts >= MAX_REFUSALS) {
    const stuck: SagaInstance<Data> = {
      ...instance,
      state: 'STUCK',
      // On the way back the reason for turning round stays: the compensations that are left need it.
      failure: instance.failure ?? failure,
      attempts,
      pendingCommandId: undefined,
      deadline: undefined,
    };
    return { instance: stuck, transitions: [transition(stuck, 'stuck', step)] };
  }
  const delay = Math.min(FIRST_RETRY * 2 ** (attempts - 1), MAX_RETRY);
  const waiting = { ...instance, attempts, pendingCommandId: undefined, deadline: later(now, delay) };
  return { instance: waiting, transitions: [transition(waiting, 'retry', step)] };
}

function forward<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
): Advance<Data> {
  for (let index = instance.step + 1; index < definition.steps.length; index++) {
    const step = stepOf(definition, index);
    if (step.action !== undefined) {
      return emit(
        { ...instance, step: index, attempts: 0, pendingCommandId: undefined },
        step,
        step.action(instance.data),
        now,
      );
    }
  }
  return end({ ...instance, state: 'COMPLETED' }, 'completed');
}

function backward<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
): Advance<Data> {
  for (let index = instance.step - 1; index >= 0; index--) {
    const step = stepOf(definition, index);
    if (step.compensation !== undefined) {
      return emit(
        { ...instance, step: index, attempts: 0, pendingCommandId: undefined },
        step,
        step.compensation(instance.data),
        now,
      );
    }
  }
  return end({ ...instance, state: 'COMPENSATED' }, 'compensated');
}

function emit<Data>(
  instance: SagaInstance<Data>,
  step: SagaStep<Data>,
  command: SagaCommand,
  now: Date,
  commandId: string = newId(),
): Advance<Data> {
  const waiting: SagaInstance<Data> = {
    ...instance,
    pendingCommandId: commandId,
    deadline: later(now, STEP_DEADLINE),
  };
  return {
    instance: waiting,
    command: {
      id: commandId,
      channel: command.channel,
      name: command.name,
      kind: 'command',
      partitionKey: instance.sagaId,
      attributes: {
        sagaid: instance.sagaId,
        saganame: instance.sagaName,
        replyto: replyChannel(instance.sagaName),
        ...(instance.failure === undefined ? {} : { failure: instance.failure }),
      },
      payload: command.payload,
    },
    transitions: [
      { ...transition(waiting, 'command', step.name), message: command.name, messageId: commandId },
    ],
  };
}

function end<Data>(instance: SagaInstance<Data>, kind: string): Advance<Data> {
  const ended = { ...instance, pendingCommandId: undefined, deadline: undefined };
  return { instance: ended, transitions: [transition(ended, kind, '')] };
}

const transition = (instance: SagaInstance, kind: string, step: string): SagaTransition => ({
  sagaName: instance.sagaName,
  sagaId: instance.sagaId,
  kind,
  step,
  state: instance.state,
});

const later = (now: Date, milliseconds: number): string =>
  new Date(now.getTime() + milliseconds).toISOString();

const isPastPivot = <Data>(definition: SagaDefinition<Data>, index: number): boolean =>
  definition.steps.slice(0, index).some((step) => step.pivot === true);

function stepOf<Data>(definition: SagaDefinition<Data>, index: number): SagaStep<Data> {
  const step = definition.steps[index];
  if (step === undefined) throw new Error(`${definition.name} has no step ${index}`);
  return step;
}

/** A failure's reason: the code that `msg.Failure` carries, else the name of the reply. It travels as a header, so printable ASCII only. */
function reasonOf(reply: SagaReply): string {
  const { payload } = reply;
  const reason =
    typeof payload === 'object' &&
    payload !== null &&
    'reason' in payload &&
    typeof payload.reason === 'string'
      ? payload.reason
      : reply.name;
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
