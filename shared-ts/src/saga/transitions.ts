import type { Outcome } from '../messaging/message';
import {
  backward,
  commandOf,
  canTurnRound,
  emit,
  forward,
  isPastPivot,
  later,
  stepOf,
  transition,
  turnRound,
  type Advance,
} from './advance';
import type { SagaDefinition, SagaStep } from './definition';
import { changed, type SagaInstance } from './saga-store';

/** How long a step waits for its reply in all, in milliseconds: a participant that was down for an hour is a delay, not a loss. */
export const STEP_TIMEOUT = 24 * 3_600_000;
/** How long a step that was refused where it may not fail waits before it is tried again, in milliseconds; doubles each time. */
const FIRST_RETRY = 1_000;
const MAX_RETRY = 60_000;
/** After so many refusals a person must look: the saga is STUCK. */
export const MAX_REFUSALS = 10;
/** Why a saga went back whose step's reply did not come. */
export const TIMED_OUT = 'STEP_TIMED_OUT';

/** A reply, as far as a saga is concerned. */
export interface SagaReply {
  readonly inReplyTo: string;
  readonly outcome: Outcome;
  readonly name: string;
  readonly payload: unknown;
}

/** Starts a saga: the command of its first step with an action goes out. */
export function start<Data>(
  definition: SagaDefinition<Data>,
  saga: { readonly sagaId: string; readonly data: Data; readonly correlationId: string },
  now: Date,
): Advance<Data> {
  // All that it will ever have, so that all instances are of one shape.
  const instance: SagaInstance<Data> = {
    sagaId: saga.sagaId,
    sagaName: definition.name,
    state: 'RUNNING',
    step: -1,
    data: saga.data,
    pendingCommandId: undefined,
    deadline: undefined,
    attempts: 0,
    failure: undefined,
    correlationId: saga.correlationId,
    startedAt: now.toISOString(),
    stepSince: now.toISOString(),
    sends: 0,
    inDoubt: undefined,
    stuckFrom: undefined,
    version: 0,
  };
  const started = transition(instance, 'started', '', now);
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
  const seen = transition(instance, 'reply', step.name, now, {
    message: reply.name,
    messageId: reply.inReplyTo,
    outcome: reply.outcome,
  });
  const answered = changed(instance, { pendingCommandId: undefined, deadline: undefined });
  const next =
    reply.outcome === 'SUCCESS'
      ? succeeded(definition, answered, step, reply, now)
      : refused(definition, answered, reply, now);
  return { ...next, transitions: [seen, ...next.transitions] };
}

/**
 * Takes an overdue saga on: its command goes out once more, the same one while its reply is awaited, a new one after a refusal. A step that has waited for
 * as long as it may turns the saga round, unless the point of no return is, or may be, behind it: then it is asked for ever.
 * @param stepTimeout milliseconds, for steps that say nothing else
 */
export function resend<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
  stepTimeout: number = STEP_TIMEOUT,
): Advance<Data> {
  const step = stepOf(definition, instance.step);
  const command = commandOf(definition, instance);
  if (instance.state !== 'RUNNING' || !canTurnRound(definition, instance.step))
    return emit(instance, step, command, now);
  const timeout = later(new Date(instance.stepSince), step.timeout ?? stepTimeout);
  if (now.toISOString() >= timeout) {
    const timedOut = transition(instance, 'timeout', step.name, now);
    return turnRound(definition, instance, TIMED_OUT, [timedOut], now);
  }
  const next = emit(instance, step, command, now);
  const deadline = earlier(next.instance.deadline, timeout);
  return { ...next, instance: changed(next.instance, { deadline }) };
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
  return forward(definition, changed(instance, { data }), now);
}

function refused<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  reply: SagaReply,
  now: Date,
): Advance<Data> {
  const failure = reasonOf(reply);
  if (instance.state === 'RUNNING' && !isPastPivot(definition, instance.step))
    return turnRound(definition, instance, failure, [], now);
  // Past the pivot, and on the way back, there is only one direction: try again, and call a person when that does not help.
  const attempts = instance.attempts + 1;
  const step = stepOf(definition, instance.step).name;
  if (attempts >= MAX_REFUSALS) {
    const stuck = changed(instance, {
      state: 'STUCK',
      stuckFrom: instance.state === 'COMPENSATING' ? 'COMPENSATING' : 'RUNNING',
      // On the way back the reason for turning round stays: the compensations that are left need it.
      failure: instance.failure ?? failure,
      attempts,
    });
    return { instance: stuck, transitions: [transition(stuck, 'stuck', step, now)] };
  }
  const delay = Math.min(FIRST_RETRY * 2 ** (attempts - 1), MAX_RETRY);
  const waiting = changed(instance, { attempts, deadline: later(now, delay) });
  return { instance: waiting, transitions: [transition(waiting, 'retry', step, now)] };
}

const earlier = (deadline: string | undefined, other: string): string =>
  deadline !== undefined && deadline < other ? deadline : other;

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
