import { enable } from '../../domain/account-decisions';
import type { AccountingPorts } from '../ports';

/**
 * Takes back `disableAccount`.
 * @throws Rejection ACCOUNT_NOT_FOUND, ACCOUNT_STATE
 */
export async function enableAccount(ports: AccountingPorts, accountId: string): Promise<{ id: string }> {
  await ports.accounts.update(accountId, enable, accountId);
  return { id: accountId };
}
