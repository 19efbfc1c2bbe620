import { conflict } from '../domain';
import {
  canTurnRound,
  commandOf,
  emit,
  isPastPivot,
  stepOf,
  transition,
  turnRound,
  type Advance,
} from './advance';
import type { SagaDefinition } from './definition';
import { changed, type SagaInstance } from './saga-store';

/** Why a saga went back that an operator turned round. */
export const FORCED = 'FORCED_BY_OPERATOR';

/**
 * Sends a saga's command now: the same one while its reply is awaited, else a new one. A STUCK saga goes on in the direction that it had, with all its tries
 * before it.
 * @throws Rejection SAGA_STATE when it has ended
 */
export function retryNow<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
): Advance<Data> {
  if (isEnded(instance))
    throw conflict('SAGA_STATE', `The saga can't be retried, because it is ${instance.state}.`);
  const state = directionOf(instance);
  // What made it stuck is no reason for its commands to carry unless it is on its way back.
  const failure = state === 'RUNNING' ? undefined : instance.failure;
  const taken = changed(instance, { state, stuckFrom: undefined, failure, attempts: 0 });
  const step = stepOf(definition, instance.step);
  const next = emit(taken, step, commandOf(definition, taken), now);
  const transitions = [transition(taken, 'operator', step.name, now), ...next.transitions];
  if (instance.pendingCommandId === undefined) return { ...next, transitions };
  // The broker drops what comes again too soon; it goes out by itself when it would have without the operator.
  const { sends, deadline = next.instance.deadline } = instance;
  return { ...next, instance: changed(next.instance, { sends, deadline }), transitions };
}

/**
 * Turns a saga round that goes forward. Of a step whose command is out, nobody knows whether it was carried out: it is undone first, or where it can't be, the
 * saga must wait for its reply.
 * @throws Rejection SAGA_STATE when it has ended or goes back already; SAGA_PAST_PIVOT when what is done can't, or perhaps can't, be undone
 */
export function compensateNow<Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
): Advance<Data> {
  if (isEnded(instance))
    throw conflict('SAGA_STATE', `The saga can't be compensated, because it is ${instance.state}.`);
  if (directionOf(instance) === 'COMPENSATING')
    throw conflict('SAGA_STATE', 'The saga is on its way back already; what can be done is to retry it.');
  const step = stepOf(definition, instance.step);
  if (isPastPivot(definition, instance.step))
    throw conflict(
      'SAGA_PAST_PIVOT',
      `The saga is past its point of no return, at "${step.name}": it can only go forward; what can be done is to retry it.`,
    );
  if (!canTurnRound(definition, instance.step))
    throw conflict(
      'SAGA_PAST_PIVOT',
      `Nobody knows whether "${step.name}", the saga's point of no return, is done, and it can't be undone: what can be done is to retry it.`,
    );
  const asked = transition(instance, 'operator', step.name, now);
  return turnRound(definition, instance, FORCED, [asked], now);
}

/** Where a saga goes, or went when it got stuck. */
export function directionOf({ state, stuckFrom }: SagaInstance): 'RUNNING' | 'COMPENSATING' {
  const moving = state === 'STUCK' ? stuckFrom : state;
  return moving === 'COMPENSATING' || moving === 'COMPENSATED' ? 'COMPENSATING' : 'RUNNING';
}

const isEnded = ({ state }: SagaInstance): boolean => state === 'COMPLETED' || state === 'COMPENSATED';
