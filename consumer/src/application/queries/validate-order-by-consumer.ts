import type { consumerapi } from '@ftgo/serviceapis';
import { registered } from '../../domain/decisions';
import type { ConsumerPorts } from '../ports';

/**
 * Whether this consumer may place this order: everybody who registered may. Consumers are this service's own, so one that it does not know does
 * not exist, and nothing is gained by waiting.
 * @throws Rejection CONSUMER_NOT_FOUND
 */
export async function validateOrderByConsumer(
  ports: ConsumerPorts,
  { consumerId }: consumerapi.ValidateOrderByConsumer,
): Promise<void> {
  const { state } = await ports.consumers.load(consumerId);
  registered(state, consumerId);
}
