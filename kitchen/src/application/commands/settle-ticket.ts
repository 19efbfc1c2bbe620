import type { kitchenapi } from '@ftgo/serviceapis';
import {
  beginCancel,
  beginRevise,
  cancelCreate,
  confirmCancel,
  confirmCreate,
  confirmRevise,
  undoCancel,
  undoRevise,
} from '../../domain/decisions';
import type { TicketEvent, TicketState } from '../../domain/ticket';
import type { KitchenPorts } from '../ports';

/**
 * What the sagas command: each settles, holds or frees a ticket. All are safe to repeat; see `domain/decisions`.
 */

export const confirmCreateTicket = (
  ports: KitchenPorts,
  { ticketId }: kitchenapi.ConfirmCreateTicket,
): Promise<void> => settle(ports, ticketId, (state) => confirmCreate(state, ticketId));

export const cancelCreateTicket = (
  ports: KitchenPorts,
  { ticketId }: kitchenapi.CancelCreateTicket,
): Promise<void> => settle(ports, ticketId, (state) => cancelCreate(state, ticketId));

export const beginCancelTicket = (
  ports: KitchenPorts,
  command: kitchenapi.BeginCancelTicket,
): Promise<void> => settle(ports, command.ticketId, (state) => beginCancel(state, command));

export const undoCancelTicket = (ports: KitchenPorts, command: kitchenapi.UndoCancelTicket): Promise<void> =>
  settle(ports, command.ticketId, (state) => undoCancel(state, command));

export const confirmCancelTicket = (
  ports: KitchenPorts,
  command: kitchenapi.ConfirmCancelTicket,
): Promise<void> => settle(ports, command.ticketId, (state) => confirmCancel(state, command));

export const beginReviseTicket = (
  ports: KitchenPorts,
  command: kitchenapi.BeginReviseTicket,
): Promise<void> => settle(ports, command.ticketId, (state) => beginRevise(state, command));

export const undoReviseTicket = (ports: KitchenPorts, command: kitchenapi.UndoReviseTicket): Promise<void> =>
  settle(ports, command.ticketId, (state) => undoRevise(state, command));

export const confirmReviseTicket = (
  ports: KitchenPorts,
  command: kitchenapi.ConfirmReviseTicket,
): Promise<void> => settle(ports, command.ticketId, (state) => confirmRevise(state, command));

async function settle(
  ports: KitchenPorts,
  ticketId: string,
  decide: (state: TicketState) => readonly TicketEvent[],
): Promise<void> {
  await ports.tickets.update(ticketId, decide);
}
