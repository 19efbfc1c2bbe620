import type { values } from '@ftgo/serviceapis';
import { conflict, notFound, unprocessable, type Rejection } from '@ftgo/shared-ts/domain';
import { revised, type OpenedTicket, type TicketEvent, type TicketState } from './ticket';

/**
 * The decisions about an opened ticket. Each gives the events that follow from the state, throws a Rejection when the state does not allow it, and
 * gives no events for what has been done before, because commands come more than once.
 */

/** A ticket as the restaurant's commands name it. */
export interface TicketOfRestaurant {
  readonly ticketId: string;
  readonly restaurantId: string;
}

/** A ticket and the quantities that it is to have. */
export interface TicketRevision extends TicketOfRestaurant {
  readonly revisedQuantities: values.RevisedQuantities;
}

/** The order is paid for: from now on the restaurant can accept the ticket. */
export function confirmCreate(state: TicketState, ticketId: string): TicketEvent[] {
  const ticket = opened(state, ticketId);
  const { status, orderId, restaurantId, lineItems } = ticket;
  if (status === 'Cancelled') throw not('confirmed', ticket);
  // Every other state comes after the confirmation.
  if (status !== 'CreatePending') return [];
  return [{ type: 'kitchenapi.TicketCreated', data: { orderId, restaurantId, lineItems } }];
}

/** Compensates opening the ticket: nobody outside has seen it, so nobody is told. */
export function cancelCreate(state: TicketState, ticketId: string): TicketEvent[] {
  const ticket = opened(state, ticketId);
  if (ticket.status === 'Cancelled') return [];
  if (ticket.status !== 'CreatePending') throw not('discarded', ticket);
  return [{ type: 'kitchen.TicketDiscarded', data: {} }];
}

/** When the restaurant accepts, and what it promises. */
export interface Acceptance {
  /** Now; RFC 3339, as is `readyBy`. */
  readonly acceptedAt: string;
  readonly readyBy: string;
}

/**
 * The restaurant accepts the ticket.
 * @throws Rejection TICKET_NOT_FOUND, TICKET_STATE (also when it was accepted before), READY_BY_NOT_IN_FUTURE
 */
export function accept(
  state: TicketState,
  ticketId: string,
  { acceptedAt, readyBy }: Acceptance,
): TicketEvent[] {
  const ticket = opened(state, ticketId);
  if (ticket.status !== 'AwaitingAcceptance') throw not('accepted', ticket);
  if (Date.parse(readyBy) <= Date.parse(acceptedAt)) {
    throw unprocessable('READY_BY_NOT_IN_FUTURE', 'The food can only be ready in the future.');
  }
  const { orderId } = ticket;
  return [{ type: 'kitchenapi.TicketAccepted', data: { orderId, acceptedAt, readyBy } }];
}

/** Holds the ticket while its order is being cancelled. */
export function beginCancel(state: TicketState, command: TicketOfRestaurant): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  if (ticket.status === 'CancelPending') return [];
  if (!isWorkable(ticket)) throw not('cancelled', ticket);
  return [{ type: 'kitchen.TicketCancelling', data: {} }];
}

/** Compensates beginCancel. A ticket that is not held for it has nothing to be undone. */
export function undoCancel(state: TicketState, command: TicketOfRestaurant): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  if (ticket.status !== 'CancelPending') return [];
  return [{ type: 'kitchen.TicketCancelUndone', data: {} }];
}

/** The order is cancelled, and so is its ticket. */
export function confirmCancel(state: TicketState, command: TicketOfRestaurant): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  if (ticket.status === 'Cancelled') return [];
  if (ticket.status !== 'CancelPending') throw not('cancelled', ticket);
  return [{ type: 'kitchenapi.TicketCancelled', data: { orderId: ticket.orderId } }];
}

/**
 * Holds the ticket while its order is being revised.
 * @throws Rejection TICKET_ITEM_NOT_FOUND
 */
export function beginRevise(state: TicketState, command: TicketRevision): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  const { revisedQuantities } = command;
  if (ticket.status === 'RevisionPending' && sameQuantities(ticket.revisedQuantities, revisedQuantities))
    return [];
  if (!isWorkable(ticket)) throw not('revised', ticket);
  const items = new Set(ticket.lineItems.map((item) => item.menuItemId));
  for (const id of Object.keys(revisedQuantities)) {
    if (!items.has(id)) throw unprocessable('TICKET_ITEM_NOT_FOUND', `The ticket has no menu item ${id}.`);
  }
  return [{ type: 'kitchen.TicketRevising', data: { revisedQuantities } }];
}

/** Compensates beginRevise. A ticket that is not held for it has nothing to be undone. */
export function undoRevise(state: TicketState, command: TicketOfRestaurant): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  if (ticket.status !== 'RevisionPending') return [];
  return [{ type: 'kitchen.TicketRevisionUndone', data: {} }];
}

/** The revision is paid for: the quantities that beginRevise proposed become true. */
export function confirmRevise(state: TicketState, command: TicketRevision): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  if (isWorkable(ticket) && hasQuantities(ticket, command.revisedQuantities)) return [];
  if (ticket.status !== 'RevisionPending') throw not('revised', ticket);
  return [{ type: 'kitchenapi.TicketRevised', data: { revisedQuantities: ticket.revisedQuantities } }];
}

/** @throws Rejection TICKET_NOT_FOUND */
export function opened(state: TicketState, ticketId: string): OpenedTicket {
  if (state.status === 'NotCreated') throw notFound('ticket', ticketId);
  return state;
}

/** @throws Rejection TICKET_NOT_FOUND, TICKET_OF_ANOTHER_RESTAURANT */
function restaurantsTicket(state: TicketState, { ticketId, restaurantId }: TicketOfRestaurant): OpenedTicket {
  const ticket = opened(state, ticketId);
  if (ticket.restaurantId === restaurantId) return ticket;
  throw unprocessable(
    'TICKET_OF_ANOTHER_RESTAURANT',
    `Ticket ${ticketId} is not one of restaurant ${restaurantId}.`,
  );
}

const isWorkable = (
  ticket: OpenedTicket,
): ticket is Extract<OpenedTicket, { status: 'AwaitingAcceptance' | 'Accepted' }> =>
  ticket.status === 'AwaitingAcceptance' || ticket.status === 'Accepted';

const hasQuantities = (ticket: OpenedTicket, quantities: values.RevisedQuantities): boolean =>
  revised(ticket.lineItems, quantities).every(
    (item, index) => item.quantity === ticket.lineItems[index]?.quantity,
  );

const sameQuantities = (one: values.RevisedQuantities, other: values.RevisedQuantities): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([id, quantity]) => Object.hasOwn(other, id) && other[id] === quantity);

const not = (what: string, ticket: OpenedTicket): Rejection =>
  conflict('TICKET_STATE', `The ticket can't be ${what}, because it is ${ticket.status}.`);
