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

/**
 * Compensates opening the ticket: nobody outside has seen it, so nobody is told. A saga that got no answer cancels without knowing whether the ticket was
 * opened; where it was not, it never will be, because the command that opens it may still come.
 */
export function cancelCreate(state: TicketState, ticketId: string): TicketEvent[] {
  if (state.status === 'Forestalled') return [];
  if (state.status === 'NotCreated') return [{ type: 'kitchen.TicketForestalled', data: {} }];
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

/**
 * Holds the ticket while its order is being cancelled.
 * @param holder id of the saga that asks for it
 */
export function beginCancel(state: TicketState, command: TicketOfRestaurant, holder?: string): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  needNotForestalled(ticket, holder);
  if (ticket.status === 'CancelPending') return [];
  if (!isWorkable(ticket)) throw not('cancelled', ticket);
  return [{ type: 'kitchen.TicketCancelling', data: {} }];
}

/**
 * Compensates beginCancel. A ticket that is not held for it has nothing to be undone.
 * @param doubter id of the saga, when it does not know whether it holds the ticket: from now on it never will
 */
export function undoCancel(state: TicketState, command: TicketOfRestaurant, doubter?: string): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  const forestalled = forestall(ticket, doubter);
  if (ticket.status !== 'CancelPending') return forestalled;
  return [{ type: 'kitchen.TicketCancelUndone', data: {} }, ...forestalled];
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
 * @param holder id of the saga that asks for it
 * @throws Rejection TICKET_ITEM_NOT_FOUND
 */
export function beginRevise(state: TicketState, command: TicketRevision, holder?: string): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  needNotForestalled(ticket, holder);
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

/**
 * Compensates beginRevise. A ticket that is not held for it has nothing to be undone.
 * @param doubter see `undoCancel`
 */
export function undoRevise(state: TicketState, command: TicketOfRestaurant, doubter?: string): TicketEvent[] {
  const ticket = restaurantsTicket(state, command);
  const forestalled = forestall(ticket, doubter);
  if (ticket.status !== 'RevisionPending') return forestalled;
  return [{ type: 'kitchen.TicketRevisionUndone', data: {} }, ...forestalled];
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
  if (state.status === 'NotCreated' || state.status === 'Forestalled') throw notFound('ticket', ticketId);
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

/** A saga that gives a hold up without knowing whether it has it gets no other. */
function forestall({ forestalled = [] }: OpenedTicket, holder: string | undefined): TicketEvent[] {
  if (holder === undefined || forestalled.includes(holder)) return [];
  return [{ type: 'kitchen.HoldForestalled', data: { holder } }];
}

function needNotForestalled({ forestalled = [] }: OpenedTicket, holder: string | undefined): void {
  if (holder !== undefined && forestalled.includes(holder))
    throw conflict('TICKET_STATE', "The ticket can't be held for a saga that has given its hold up.");
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
