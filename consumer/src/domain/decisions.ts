import { conflict, notFound } from '@ftgo/shared-ts/domain';
import type { ConsumerEvent, ConsumerState, RegisteredConsumer } from './consumer';

/**
 * The decisions about a consumer. Each gives the events that follow from the state, throws a Rejection when the state does not allow it, and gives no
 * events where nothing changes.
 */

/**
 * Somebody new wants to order.
 * @throws Rejection CONSUMER_EXISTS
 */
export function register(state: ConsumerState, name: string): ConsumerEvent[] {
  if (state.status === 'Registered')
    throw conflict('CONSUMER_EXISTS', 'This consumer was registered before.');
  return [{ type: 'consumerapi.ConsumerRegistered', data: { name } }];
}

/**
 * A consumer goes by another name; the name that it has already is no news.
 * @throws Rejection CONSUMER_NOT_FOUND
 */
export function rename(state: ConsumerState, consumerId: string, name: string): ConsumerEvent[] {
  if (registered(state, consumerId).name === name) return [];
  return [{ type: 'consumerapi.ConsumerRenamed', data: { name } }];
}

/** @throws Rejection CONSUMER_NOT_FOUND */
export function registered(state: ConsumerState, consumerId: string): RegisteredConsumer {
  if (state.status === 'NotRegistered') throw notFound('consumer', consumerId);
  return state;
}
