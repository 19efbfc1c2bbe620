import { accountingapi } from '@ftgo/serviceapis';
import { failureWith, isInDoubt, onCommand, type MessageHandler } from '@ftgo/shared-ts';
import * as application from '../application';
import type { AccountingPorts } from '../application';

const rejections = { ACCOUNT_DISABLED: failureWith(accountingapi.AccountDisabled, {}) };

/** The commands that the accounting service carries out; all come from the order service's sagas. */
export const commandHandlers: readonly MessageHandler<AccountingPorts>[] = [
  onCommand(
    accountingapi.AuthorizeOrder,
    (ports, { payload }) => application.authorizeOrder(ports, payload),
    rejections,
  ),
  // A saga revises once, however often it has to ask; a command from outside a saga speaks for itself.
  onCommand(
    accountingapi.ReviseAuthorizeOrder,
    (ports, { payload, attributes, id }) =>
      application.reviseAuthorizeOrder(ports, payload, attributes['sagaid'] ?? id),
    rejections,
  ),
  onCommand(
    accountingapi.ReverseAuthorizeOrder,
    (ports, command) =>
      isInDoubt(command)
        ? application.forestallAuthorizeOrder(ports, command.payload)
        : application.reverseAuthorizeOrder(ports, command.payload),
    rejections,
  ),
];
