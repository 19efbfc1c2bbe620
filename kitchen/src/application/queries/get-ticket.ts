import { opened } from '../../domain/decisions';
import type { OpenedTicket } from '../../domain/ticket';
import type { KitchenPorts } from '../ports';

/** @throws Rejection TICKET_NOT_FOUND */
export async function getTicket(ports: KitchenPorts, ticketId: string): Promise<OpenedTicket> {
  const { state } = await ports.tickets.load(ticketId);
  return opened(state, ticketId);
}
