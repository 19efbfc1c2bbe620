import type { RegisteredConsumer } from '../../domain/consumer';
import { registered } from '../../domain/decisions';
import type { ConsumerPorts } from '../ports';

/** @throws Rejection CONSUMER_NOT_FOUND */
export async function getConsumer(ports: ConsumerPorts, consumerId: string): Promise<RegisteredConsumer> {
  const { state } = await ports.consumers.load(consumerId);
  return registered(state, consumerId);
}
