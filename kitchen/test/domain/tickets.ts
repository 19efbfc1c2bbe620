import { replay } from '@ftgo/shared-ts/domain';
import { ticketAggregate, type TicketEvent, type TicketState } from '../../src/domain/ticket';

export const ticketId = '0193c001-0000-7000-8000-000000000001';
export const restaurantId = '0193c002-0000-7000-8000-000000000002';
export const orderId = '0193c003-0000-7000-8000-000000000003';
export const ofRestaurant = { ticketId, restaurantId };

export const lineItems = [
  { menuItemId: 'soup', name: 'Soup', quantity: 2 },
  { menuItemId: 'cake', name: 'Cake', quantity: 1 },
];
export const acceptedAt = '2030-01-01T12:00:00.000Z';
export const readyBy = '2030-01-01T12:30:00.000Z';
export const revisedQuantities = { soup: 3 };

export const opened: TicketEvent = {
  type: 'kitchen.TicketOpened',
  data: { orderId, restaurantId, lineItems },
};
export const confirmed: TicketEvent = {
  type: 'kitchenapi.TicketCreated',
  data: { orderId, restaurantId, lineItems },
};
export const discarded: TicketEvent = { type: 'kitchen.TicketDiscarded', data: {} };
export const forestalled: TicketEvent = { type: 'kitchen.TicketForestalled', data: {} };
/** The saga that holds a ticket, or would. */
export const holder = '0193c007-0000-7000-8000-000000000007';
export const holdForestalled: TicketEvent = { type: 'kitchen.HoldForestalled', data: { holder } };
export const accepted: TicketEvent = {
  type: 'kitchenapi.TicketAccepted',
  data: { orderId, acceptedAt, readyBy },
};
export const cancelling: TicketEvent = { type: 'kitchen.TicketCancelling', data: {} };
export const cancelUndone: TicketEvent = { type: 'kitchen.TicketCancelUndone', data: {} };
export const cancelled: TicketEvent = { type: 'kitchenapi.TicketCancelled', data: { orderId } };
export const revising: TicketEvent = { type: 'kitchen.TicketRevising', data: { revisedQuantities } };
export const revisionUndone: TicketEvent = { type: 'kitchen.TicketRevisionUndone', data: {} };
export const revised: TicketEvent = { type: 'kitchenapi.TicketRevised', data: { revisedQuantities } };

/** Every state that a ticket can be in, by what has happened to it. */
export const histories = {
  NotCreated: [],
  Forestalled: [forestalled],
  CreatePending: [opened],
  AwaitingAcceptance: [opened, confirmed],
  Accepted: [opened, confirmed, accepted],
  'CancelPending, not accepted': [opened, confirmed, cancelling],
  'CancelPending, accepted': [opened, confirmed, accepted, cancelling],
  Cancelled: [opened, confirmed, cancelling, cancelled],
  'RevisionPending, not accepted': [opened, confirmed, revising],
  'RevisionPending, accepted': [opened, confirmed, accepted, revising],
} as const satisfies Record<string, readonly TicketEvent[]>;

export type History = keyof typeof histories;

export const given = (...events: readonly TicketEvent[]): TicketState => replay(ticketAggregate, events);
