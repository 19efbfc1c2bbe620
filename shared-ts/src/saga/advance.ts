import { newId } from '../ids';
import type { OutgoingMessage } from '../messaging/message';
import { IN_DOUBT, replyChannel, type SagaCommand, type SagaDefinition, type SagaStep } from './definition';
import { changed, type SagaInstance, type SagaTransition, type TransitionKind } from './saga-store';

/**
 * How long a reply is awaited before its command is sent again, in milliseconds; twice as long each time, up to MAX_PAUSE. Longer than the broker's duplicate window: within
 * that, the broker drops what comes again under its id.
 */
export const FIRST_PAUSE = 150_000;
const MAX_PAUSE = 600_000;
/** By which part of itself a pause is longer at most, so that sagas that began together do not all ask again together. */
const JITTER = 0.25;

/** A saga's next state, the command to send for it, and what to write into its history. */
export interface Advance<Data> {
  readonly instance: SagaInstance<Data>;
  readonly command?: OutgoingMessage;
  readonly transitions: readonly SagaTransition[];
}

/** Goes to the next step with an action, or to the good end. */
export function forward<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
): Advance<Data> {
  for (let index = instance.step + 1; index < definition.steps.length; index++) {
    const step = stepOf(definition, index);
    if (step.action !== undefined) return enter(instance, index, step, step.action(instance.data), now);
  }
  return end(instance, 'COMPLETED', now);
}

/** Goes back to the nearest step before this one that has a compensation, or to the end where everything is undone. */
export function backward<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
): Advance<Data> {
  const undone = changed(instance, { inDoubt: undefined });
  for (let index = instance.step - 1; index >= 0; index--) {
    const step = stepOf(definition, index);
    if (step.compensation !== undefined)
      return enter(undone, index, step, step.compensation(instance.data), now);
  }
  return end(undone, 'COMPENSATED', now);
}

/**
 * Turns a saga round. Of a step whose command is out and not answered nobody knows whether it was carried out: it is undone first.
 * @param why what its history says before it turns
 */
export function turnRound<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  failure: string,
  why: readonly SagaTransition[],
  now: Date,
): Advance<Data> {
  const { pendingCommandId, step: index } = instance;
  const step = stepOf(definition, index);
  const turned = changed(instance, { state: 'COMPENSATING', stuckFrom: undefined, failure });
  const undo =
    pendingCommandId === undefined ? undefined : step.undoInDoubt?.(instance.data, pendingCommandId);
  const next =
    undo === undefined
      ? backward(definition, turned, now)
      : enter(changed(turned, { inDoubt: pendingCommandId }), index, step, undo, now);
  const transitions = [...why, transition(turned, 'compensating', step.name, now), ...next.transitions];
  return { ...next, transitions };
}

/** The command that a saga's present step is about. */
export function commandOf<Data>(
  definition: SagaDefinition<Data>,
  { state, step: index, data, inDoubt }: SagaInstance<Data>,
): SagaCommand {
  const step = stepOf(definition, index);
  const undo = (): SagaCommand | undefined =>
    inDoubt === undefined ? step.compensation?.(data) : step.undoInDoubt?.(data, inDoubt);
  const command = state === 'COMPENSATING' ? undo() : step.action?.(data);
  if (command === undefined) throw new Error(`${definition.name} has nothing to send again at ${step.name}`);
  return command;
}

/** Sends a command of the present step, under a new id unless it is the one that is awaited. */
export function emit<Data>(
  instance: SagaInstance<Data>,
  step: SagaStep<Data>,
  { channel, name, payload }: SagaCommand,
  now: Date,
): Advance<Data> {
  const again = instance.pendingCommandId !== undefined;
  const id = instance.pendingCommandId ?? newId();
  const sends = again ? instance.sends + 1 : 1;
  const deadline = later(now, pauseAfter(sends, id));
  const waiting = changed(instance, { pendingCommandId: id, sends, deadline });
  const command: OutgoingMessage = {
    id,
    channel,
    name,
    kind: 'command',
    partitionKey: instance.sagaId,
    attributes: {
      sagaid: instance.sagaId,
      saganame: instance.sagaName,
      replyto: replyChannel(instance.sagaName),
      ...(instance.failure === undefined ? {} : { failure: instance.failure }),
      ...(instance.inDoubt === undefined ? {} : { [IN_DOUBT]: 'true' }),
    },
    payload,
  };
  const message = { message: name, messageId: id };
  const sent = transition(waiting, again ? 'resent' : 'command', step.name, now, message);
  return { instance: waiting, command, transitions: [sent] };
}

/** The step whose command is out can still be taken back: the point of no return is not behind it, and may not be behind it. */
export function canTurnRound<Data>(definition: SagaDefinition<Data>, index: number): boolean {
  const step = stepOf(definition, index);
  return !isPastPivot(definition, index) && (step.pivot !== true || step.undoInDoubt !== undefined);
}

export const isPastPivot = <Data>(definition: SagaDefinition<Data>, index: number): boolean =>
  definition.steps.slice(0, index).some((step) => step.pivot === true);

export function stepOf<Data>(definition: SagaDefinition<Data>, index: number): SagaStep<Data> {
  const step = definition.steps[index];
  if (step === undefined) throw new Error(`${definition.name} has no step ${index}`);
  return step;
}

export const transition = (
  { sagaName, sagaId, state }: SagaInstance,
  kind: TransitionKind,
  step: string,
  now: Date,
  message?: Pick<SagaTransition, 'message' | 'messageId' | 'outcome'>,
): SagaTransition => ({
  sagaName,
  sagaId,
  kind,
  step,
  message: message?.message,
  messageId: message?.messageId,
  outcome: message?.outcome,
  state,
  at: now.toISOString(),
});

export const later = (now: Date, milliseconds: number): string =>
  new Date(now.getTime() + milliseconds).toISOString();

function enter<Data>(
  instance: SagaInstance<Data>,
  index: number,
  step: SagaStep<Data>,
  command: SagaCommand,
  now: Date,
): Advance<Data> {
  const stepSince = now.toISOString();
  const entered = changed(instance, { step: index, stepSince, attempts: 0, pendingCommandId: undefined });
  return emit(entered, step, command, now);
}

function end<Data>(
  instance: SagaInstance<Data>,
  state: 'COMPLETED' | 'COMPENSATED',
  now: Date,
): Advance<Data> {
  const ended = changed(instance, { state, pendingCommandId: undefined, deadline: undefined });
  const kind = state === 'COMPLETED' ? 'completed' : 'compensated';
  return { instance: ended, transitions: [transition(ended, kind, '', now)] };
}

/** Milliseconds until a command that was sent so often is sent again. Its id is the die: what is random in it does not change. */
function pauseAfter(sends: number, commandId: string): number {
  const chance = Number.parseInt(commandId.slice(-8), 16) / 2 ** 32;
  const pause = Math.min(FIRST_PAUSE * 2 ** (sends - 1), MAX_PAUSE);
  return Math.round(pause * (1 + JITTER * chance));
}
