import { channels } from './channels';
import { command, reply, type Payload } from './message-type';
import { Id, Total } from './values';

const authorization = { consumerId: Id, orderId: Id, orderTotal: Total };

/** Reserves an order's total on its consumer's account. */
export const AuthorizeOrder = command(
  channels.commands.accounting,
  'accountingapi.AuthorizeOrder',
  authorization,
);
export type AuthorizeOrder = Payload<typeof AuthorizeOrder>;

/** Gives an order's reserved total back. */
export const ReverseAuthorizeOrder = command(
  channels.commands.accounting,
  'accountingapi.ReverseAuthorizeOrder',
  authorization,
);
export type ReverseAuthorizeOrder = Payload<typeof ReverseAuthorizeOrder>;

/** Changes an order's reserved total to the one given. */
export const ReviseAuthorizeOrder = command(
  channels.commands.accounting,
  'accountingapi.ReviseAuthorizeOrder',
  authorization,
);
export type ReviseAuthorizeOrder = Payload<typeof ReviseAuthorizeOrder>;

/** Failure: the consumer's account is disabled. */
export const AccountDisabled = reply('accountingapi.AccountDisabled', {});
export type AccountDisabled = Payload<typeof AccountDisabled>;
