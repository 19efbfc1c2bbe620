import type { consumerapi } from '@ftgo/serviceapis';
import { open, takeName } from '../../domain/account-decisions';
import type { AccountingPorts } from '../ports';

/** Opens the account of a consumer who registered. */
export async function consumerRegistered(
  ports: AccountingPorts,
  consumerId: string,
  consumerVersion: number,
  { name }: consumerapi.ConsumerRegistered,
): Promise<void> {
  await ports.accounts.update(consumerId, open, { name, consumerVersion });
}

/** Keeps the new name of a consumer, even of one whose registration has not arrived yet. */
export async function consumerRenamed(
  ports: AccountingPorts,
  consumerId: string,
  consumerVersion: number,
  { name }: consumerapi.ConsumerRenamed,
): Promise<void> {
  await ports.accounts.update(consumerId, takeName, { name, consumerVersion });
}
