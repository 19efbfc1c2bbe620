import { kitchenapi, values } from '@ftgo/serviceapis';
import { newId, onCommand, successWith, type MessageHandler } from '@ftgo/shared-ts';
import * as application from '../application';
import type { KitchenPorts } from '../application';

/** The commands that the kitchen carries out for the order service's sagas. */
export const commandHandlers: readonly MessageHandler<KitchenPorts>[] = [
  onCommand(kitchenapi.CreateTicket, async (ports, { id, payload }) => {
    const ticketId = ticketIdOf(id);
    await application.createTicket(ports, { ...payload, ticketId });
    return successWith(kitchenapi.CreateTicketReply, { ticketId });
  }),
  onCommand(kitchenapi.ConfirmCreateTicket, (ports, { payload }) =>
    application.confirmCreateTicket(ports, payload),
  ),
  onCommand(kitchenapi.CancelCreateTicket, (ports, { payload }) =>
    application.cancelCreateTicket(ports, payload),
  ),
  onCommand(kitchenapi.BeginCancelTicket, (ports, { payload }) =>
    application.beginCancelTicket(ports, payload),
  ),
  onCommand(kitchenapi.UndoCancelTicket, (ports, { payload }) =>
    application.undoCancelTicket(ports, payload),
  ),
  onCommand(kitchenapi.ConfirmCancelTicket, (ports, { payload }) =>
    application.confirmCancelTicket(ports, payload),
  ),
  onCommand(kitchenapi.BeginReviseTicket, (ports, { payload }) =>
    application.beginReviseTicket(ports, payload),
  ),
  onCommand(kitchenapi.UndoReviseTicket, (ports, { payload }) =>
    application.undoReviseTicket(ports, payload),
  ),
  onCommand(kitchenapi.ConfirmReviseTicket, (ports, { payload }) =>
    application.confirmReviseTicket(ports, payload),
  ),
];

/**
 * A new ticket has the id of the command that opens it: a command that comes twice opens one ticket, and whoever sent it knows the ticket's id before
 * the reply. Only a sender that numbers its messages otherwise (CloudEvents allows any text) gets an id of ours.
 */
function ticketIdOf(commandId: string): string {
  const id = values.Id.safeParse(commandId);
  return id.success ? id.data : newId();
}
