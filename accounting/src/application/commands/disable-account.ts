import { disable } from '../../domain/account-decisions';
import type { AccountingPorts } from '../ports';

/**
 * From now on, nothing is authorized, revised or reversed on the account.
 * @throws Rejection ACCOUNT_NOT_FOUND, ACCOUNT_STATE
 */
export async function disableAccount(ports: AccountingPorts, accountId: string): Promise<{ id: string }> {
  await ports.accounts.update(accountId, disable, accountId);
  return { id: accountId };
}
