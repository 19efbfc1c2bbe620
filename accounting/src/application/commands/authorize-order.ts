import type { accountingapi } from '@ftgo/serviceapis';
import { NotYetKnown } from '@ftgo/shared-ts';
import { notFound } from '@ftgo/shared-ts/domain';
import type { OpenAccount } from '../../domain/account';
import { isOpen } from '../../domain/account-decisions';
import { authorize, forestall, reverse, revise } from '../../domain/authorization-decisions';
import type { AccountingPorts } from '../ports';

/**
 * What the sagas command: each authorizes an order's total on its consumer's account, or changes or reverses that. All are safe to repeat; see
 * `domain/authorization-decisions`.
 */

/** @throws Rejection ACCOUNT_DISABLED, AUTHORIZATION_STATE; NotYetKnown ACCOUNT_NOT_FOUND */
export async function authorizeOrder(
  ports: AccountingPorts,
  command: accountingapi.AuthorizeOrder,
): Promise<void> {
  const account = accountOf(ports, command.consumerId);
  await ports.authorizations.update(command.orderId, authorize, account, command);
}

/**
 * @param revisionId what asks for the revision: the same again is a repetition
 * @throws Rejection ACCOUNT_DISABLED, AUTHORIZATION_NOT_FOUND, AUTHORIZATION_STATE; NotYetKnown ACCOUNT_NOT_FOUND
 */
export async function reviseAuthorizeOrder(
  ports: AccountingPorts,
  command: accountingapi.ReviseAuthorizeOrder,
  revisionId: string,
): Promise<void> {
  const account = accountOf(ports, command.consumerId);
  await ports.authorizations.update(command.orderId, revise, account, command, revisionId);
}

/** @throws Rejection ACCOUNT_DISABLED, AUTHORIZATION_NOT_FOUND, AUTHORIZATION_STATE; NotYetKnown ACCOUNT_NOT_FOUND */
export async function reverseAuthorizeOrder(
  ports: AccountingPorts,
  command: accountingapi.ReverseAuthorizeOrder,
): Promise<void> {
  const account = accountOf(ports, command.consumerId);
  await ports.authorizations.update(command.orderId, reverse, account, command);
}

/** @throws Rejection AUTHORIZATION_STATE */
export async function forestallAuthorizeOrder(
  ports: AccountingPorts,
  command: accountingapi.ReverseAuthorizeOrder,
): Promise<void> {
  await ports.authorizations.update(command.orderId, forestall, command);
}

/** Nothing promises that the consumer's registration came here before the consumer's first order did. */
async function accountOf(ports: AccountingPorts, consumerId: string): Promise<OpenAccount> {
  const { state } = await ports.accounts.load(consumerId);
  if (!isOpen(state)) throw new NotYetKnown(notFound('account', consumerId));
  return state;
}
