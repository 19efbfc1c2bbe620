import { rename } from '../../domain/decisions';
import type { ConsumerPorts } from '../ports';

export interface RenameConsumer {
  readonly consumerId: string;
  readonly name: string;
}

/** @throws Rejection CONSUMER_NOT_FOUND */
export async function renameConsumer(
  ports: ConsumerPorts,
  { consumerId, name }: RenameConsumer,
): Promise<{ id: string }> {
  await ports.consumers.update(consumerId, rename, consumerId, name);
  return { id: consumerId };
}
