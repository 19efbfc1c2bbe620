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
 * What the sagas command: each settles, holds or frees a ticket. All are safe to repeat; see `domain/decisions`. A `holder` is the saga that asks for a hold, a
 * `doubter` one that gives up a hold without knowing whether it has it.
 */

export const confirmCreateTicket = (
  ports: KitchenPorts,
  { ticketId }: kitchenapi.ConfirmCreateTicket,
): Promise<void> => settle(ports, ticketId, confirmCreate, ticketId);

export const cancelCreateTicket = (
  ports: KitchenPorts,
  { ticketId }: kitchenapi.CancelCreateTicket,
): Promise<void> => settle(ports, ticketId, cancelCreate, ticketId);

export const beginCancelTicket = (
  ports: KitchenPorts,
  command: kitchenapi.BeginCancelTicket,
  holder?: string,
): Promise<void> => settle(ports, command.ticketId, beginCancel, command, holder);

export const undoCancelTicket = (
  ports: KitchenPorts,
  command: kitchenapi.UndoCancelTicket,
  doubter?: string,
): Promise<void> => settle(ports, command.ticketId, undoCancel, command, doubter);

export const confirmCancelTicket = (
  ports: KitchenPorts,
  command: kitchenapi.ConfirmCancelTicket,
): Promise<void> => settle(ports, command.ticketId, confirmCancel, command);

export const beginReviseTicket = (
  ports: KitchenPorts,
  command: kitchenapi.BeginReviseTicket,
  holder?: string,
): Promise<void> => settle(ports, command.ticketId, beginRevise, command, holder);

export const undoReviseTicket = (
  ports: KitchenPorts,
  command: kitchenapi.UndoReviseTicket,
  doubter?: string,
): Promise<void> => settle(ports, command.ticketId, undoRevise, command, doubter);

export const confirmReviseTicket = (
  ports: KitchenPorts,
  command: kitchenapi.ConfirmReviseTicket,
): Promise<void> => settle(ports, command.ticketId, confirmRevise, command);

async function settle<Given extends readonly unknown[]>(
  ports: KitchenPorts,
  ticketId: string,
  decide: (state: TicketState, ...given: Given) => readonly TicketEvent[],
  ...given: Given
): Promise<void> {
  await ports.tickets.update(ticketId, decide, ...given);
}
