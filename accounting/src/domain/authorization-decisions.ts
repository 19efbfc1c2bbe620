import type { accountingapi } from '@ftgo/serviceapis';
import { conflict, notFound, type Rejection } from '@ftgo/shared-ts/domain';
import type { OpenAccount } from './account';
import type { AuthorizationEvent, AuthorizationState, GivenAuthorization } from './authorization';

/**
 * The decisions about an order's authorization. Each gives the events that follow from the state, throws a Rejection when the state or the account does
 * not allow it, and gives no events for what has been done before, because commands come more than once. That has been done even if the account is
 * disabled since: a repetition answers what the first time answered.
 */

/**
 * Reserves an order's total. An order is authorized once.
 * @throws Rejection ACCOUNT_DISABLED, AUTHORIZATION_STATE
 */
export function authorize(
  state: AuthorizationState,
  account: OpenAccount,
  { consumerId, orderTotal }: accountingapi.AuthorizeOrder,
): AuthorizationEvent[] {
  if (state.status === 'Forestalled')
    throw conflict(
      'AUTHORIZATION_STATE',
      "The order can't be authorized, because that was taken back before it was asked for.",
    );
  if (state.status === 'None') {
    needEnabled(account);
    return [{ type: 'accounting.OrderAuthorized', data: { consumerId, total: orderTotal } }];
  }
  const isRepetition =
    state.status === 'Authorized' && state.consumerId === consumerId && state.firstTotal === orderTotal;
  if (!isRepetition) throw not('authorized again', state);
  return [];
}

/**
 * Changes what is reserved to the total given.
 * @param revisionId what asks for it: the same again is a repetition
 * @throws Rejection ACCOUNT_DISABLED, AUTHORIZATION_NOT_FOUND, AUTHORIZATION_STATE
 */
export function revise(
  state: AuthorizationState,
  account: OpenAccount,
  command: accountingapi.ReviseAuthorizeOrder,
  revisionId: string,
): AuthorizationEvent[] {
  const authorization = given(state, command);
  const { orderTotal: total } = command;
  if (authorization.status !== 'Authorized') throw not('revised', authorization);
  if (authorization.total === total && authorization.revisionId === revisionId) return [];
  needEnabled(account);
  if (authorization.total === total) return [];
  return [{ type: 'accounting.AuthorizationRevised', data: { total, revisionId } }];
}

/**
 * Gives back what is reserved, for good.
 * @throws Rejection ACCOUNT_DISABLED, AUTHORIZATION_NOT_FOUND, AUTHORIZATION_STATE
 */
export function reverse(
  state: AuthorizationState,
  account: OpenAccount,
  command: accountingapi.ReverseAuthorizeOrder,
): AuthorizationEvent[] {
  const authorization = given(state, command);
  if (authorization.status === 'Reversed') return [];
  needEnabled(account);
  return [{ type: 'accounting.AuthorizationReversed', data: {} }];
}

/**
 * Makes sure that nothing is reserved for an order, now or ever, for a saga that has no answer to its AuthorizeOrder: reverses the authorization, or where there
 * is none, has the command refused that may still come. It gives back only what the same saga has asked for and nobody has been charged, so neither a disabled
 * account nor one that is not known here stands in its way.
 * @throws Rejection AUTHORIZATION_STATE when the order is authorized on another consumer's account
 */
export function forestall(
  state: AuthorizationState,
  command: accountingapi.ReverseAuthorizeOrder,
): AuthorizationEvent[] {
  if (state.status === 'Forestalled') return [];
  if (state.status === 'None') return [{ type: 'accounting.AuthorizationForestalled', data: {} }];
  if (given(state, command).status === 'Reversed') return [];
  return [{ type: 'accounting.AuthorizationReversed', data: {} }];
}

function given(
  state: AuthorizationState,
  { consumerId, orderId }: accountingapi.AuthorizeOrder,
): GivenAuthorization {
  if (state.status === 'None' || state.status === 'Forestalled') throw notFound('authorization', orderId);
  if (state.consumerId !== consumerId) {
    throw conflict(
      'AUTHORIZATION_STATE',
      `The order ${orderId} is authorized on another consumer's account.`,
    );
  }
  return state;
}

function needEnabled(account: OpenAccount): void {
  if (account.status === 'Disabled') throw conflict('ACCOUNT_DISABLED', 'The account is disabled.');
}

const not = (what: string, { status, total }: GivenAuthorization): Rejection =>
  conflict('AUTHORIZATION_STATE', `The order can't be ${what}, because ${total} cents of it are ${status}.`);
