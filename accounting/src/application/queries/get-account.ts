import type { OpenAccount } from '../../domain/account';
import { opened } from '../../domain/account-decisions';
import type { AccountingPorts } from '../ports';

/** @throws Rejection ACCOUNT_NOT_FOUND when the consumer's registration has not arrived here (yet) */
export async function getAccount(ports: AccountingPorts, accountId: string): Promise<OpenAccount> {
  const { state } = await ports.accounts.load(accountId);
  return opened(state, accountId);
}
