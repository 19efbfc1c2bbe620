import { conflict, notFound } from '@ftgo/shared-ts/domain';
import type { AccountEvent, AccountState, Naming, OpenAccount } from './account';

/**
 * The decisions about an account. Each gives the events that follow from the state and throws a Rejection when the state does not allow it. The
 * consumer's events come in any order and more than once; whatever way they come, the account ends in the same state.
 */

/** The consumer has registered: opens the account, under the newest name that is known. */
export function open(state: AccountState, naming: Naming): AccountEvent[] {
  const named = takeName(state, naming);
  return isOpen(state) ? named : [...named, { type: 'accounting.AccountOpened', data: {} }];
}

/**
 * The consumer has a name. The same name with a higher version is news, too: without it, a name from in between that
 * arrives late would win.
 */
export function takeName(state: AccountState, naming: Naming): AccountEvent[] {
  if (state.status !== 'Unknown' && state.consumerVersion >= naming.consumerVersion) return [];
  return [{ type: 'accounting.AccountNamed', data: naming }];
}

/**
 * From now on, nothing is authorized, revised or reversed.
 * @throws Rejection ACCOUNT_NOT_FOUND, ACCOUNT_STATE
 */
export function disable(state: AccountState, accountId: string): AccountEvent[] {
  if (opened(state, accountId).status === 'Disabled') {
    throw conflict('ACCOUNT_STATE', "The account can't be disabled, because it is disabled already.");
  }
  return [{ type: 'accounting.AccountDisabled', data: {} }];
}

/**
 * Takes back `disable`.
 * @throws Rejection ACCOUNT_NOT_FOUND, ACCOUNT_STATE
 */
export function enable(state: AccountState, accountId: string): AccountEvent[] {
  if (opened(state, accountId).status === 'Enabled') {
    throw conflict('ACCOUNT_STATE', "The account can't be enabled, because it is enabled already.");
  }
  return [{ type: 'accounting.AccountEnabled', data: {} }];
}

/** @throws Rejection ACCOUNT_NOT_FOUND */
export function opened(state: AccountState, accountId: string): OpenAccount {
  if (!isOpen(state)) throw notFound('account', accountId);
  return state;
}

/** Whether the consumer's registration has arrived. */
export const isOpen = (state: AccountState): state is OpenAccount =>
  state.status === 'Enabled' || state.status === 'Disabled';
