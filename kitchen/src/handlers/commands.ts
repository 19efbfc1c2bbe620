import { kitchenapi, values } from '@ftgo/serviceapis';
import { isInDoubt, newId, onCommand, successWith, type MessageHandler } from '@ftgo/shared-ts';
import * as application from '../application';
import type { KitchenPorts } from '../application';

/** The commands that the kitchen carries out for the order service's sagas. */
export const commandHandlers: readonly MessageHandler<KitchenPorts>[] = [
  onCommand(kitchenapi.CreateTicket, async (ports, { id, payload }) => {
    const ticketId = ticketIdOf(id);
    await application.createTicket(ports, { ticketId, ...payload });
    return successWith(kitchenapi.CreateTicketReply, { ticketId });
  }),
  onCommand(kitchenapi.ConfirmCreateTicket, (ports, { payload }) =>
    application.confirmCreateTicket(ports, payload),
  ),
  onCommand(kitchenapi.CancelCreateTicket, (ports, { payload }) =>
    application.cancelCreateTicket(ports, payload),
  ),
  onCommand(kitchenapi.BeginCancelTicket, (ports, { payload, attributes }) =>
    application.beginCancelTicket(ports, payload, attributes['sagaid']),
  ),
  onCommand(kitchenapi.UndoCancelTicket, (ports, command) =>
    application.undoCancelTicket(ports, command.payload, doubterOf(command)),
  ),
  onCommand(kitchenapi.ConfirmCancelTicket, (ports, { payload }) =>
    application.confirmCancelTicket(ports, payload),
  ),
  onCommand(kitchenapi.BeginReviseTicket, (ports, { payload, attributes }) =>
    application.beginReviseTicket(ports, payload, attributes['sagaid']),
  ),
  onCommand(kitchenapi.UndoReviseTicket, (ports, command) =>
    application.undoReviseTicket(ports, command.payload, doubterOf(command)),
  ),
  onCommand(kitchenapi.ConfirmReviseTicket, (ports, { payload }) =>
    application.confirmReviseTicket(ports, payload),
  ),
];

/** The saga that does not know whether what it undoes was done. */
const doubterOf = (command: Parameters<typeof isInDoubt>[0]): string | undefined =>
  isInDoubt(command) ? command.attributes['sagaid'] : undefined;

/**
 * A new ticket has the id of the command that opens it: a command that comes twice opens one ticket, and whoever sent it knows the ticket's id before
 * the reply. Only a sender that numbers its messages otherwise (CloudEvents allows any text) gets an id of ours.
 */
function ticketIdOf(commandId: string): string {
  const id = values.Id.safeParse(commandId);
  return id.success ? id.data : newId();
}
