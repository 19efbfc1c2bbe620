import { register } from '../../domain/decisions';
import type { ConsumerPorts } from '../ports';

export interface RegisterConsumer {
  readonly consumerId: string;
  readonly name: string;
}

/**
 * Registers a consumer; accounting opens the account when it hears of it.
 * @throws Rejection CONSUMER_EXISTS
 */
export async function registerConsumer(
  ports: ConsumerPorts,
  { consumerId, name }: RegisterConsumer,
): Promise<{ id: string }> {
  await ports.consumers.update(consumerId, register, name);
  return { id: consumerId };
}
