import { accept, type Acceptance } from '../../domain/decisions';
import type { KitchenPorts } from '../ports';

export interface AcceptTicket extends Acceptance {
  readonly ticketId: string;
}

/**
 * The restaurant accepts a ticket; its delivery is scheduled by the event.
 * @throws Rejection TICKET_NOT_FOUND, TICKET_STATE, READY_BY_NOT_IN_FUTURE
 */
export async function acceptTicket(
  ports: KitchenPorts,
  { ticketId, ...acceptance }: AcceptTicket,
): Promise<{ id: string }> {
  await ports.tickets.update(ticketId, accept, ticketId, acceptance);
  return { id: ticketId };
}
