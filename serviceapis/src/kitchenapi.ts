import { z } from 'zod';
import { channels } from './channels';
import { command, event, reply, type Payload } from './message-type';
import { Id, RevisedQuantities, TicketLineItem, UtcTimestamp } from './values';

const commands = channels.commands.kitchen;
const events = channels.events.ticket;
const ticketOfRestaurant = { ticketId: Id, restaurantId: Id };
const ticketRevision = { ...ticketOfRestaurant, revisedQuantities: RevisedQuantities };

/** Opens a ticket for an order; the reply gives its id. */
export const CreateTicket = command(commands, 'kitchenapi.CreateTicket', {
  orderId: Id,
  restaurantId: Id,
  ticketDetails: z.array(TicketLineItem).min(1),
});
export type CreateTicket = Payload<typeof CreateTicket>;

/** Success of CreateTicket. */
export const CreateTicketReply = reply('kitchenapi.CreateTicketReply', { ticketId: Id });
export type CreateTicketReply = Payload<typeof CreateTicketReply>;

/** The order is paid for: the restaurant may see the ticket. */
export const ConfirmCreateTicket = command(commands, 'kitchenapi.ConfirmCreateTicket', { ticketId: Id });
export type ConfirmCreateTicket = Payload<typeof ConfirmCreateTicket>;

/** Compensates CreateTicket. */
export const CancelCreateTicket = command(commands, 'kitchenapi.CancelCreateTicket', { ticketId: Id });
export type CancelCreateTicket = Payload<typeof CancelCreateTicket>;

/** Holds a ticket while its order is being cancelled. */
export const BeginCancelTicket = command(commands, 'kitchenapi.BeginCancelTicket', ticketOfRestaurant);
export type BeginCancelTicket = Payload<typeof BeginCancelTicket>;

/** The order is cancelled, and so is its ticket. */
export const ConfirmCancelTicket = command(commands, 'kitchenapi.ConfirmCancelTicket', ticketOfRestaurant);
export type ConfirmCancelTicket = Payload<typeof ConfirmCancelTicket>;

/** Compensates BeginCancelTicket: the ticket is again what it was. */
export const UndoCancelTicket = command(commands, 'kitchenapi.UndoCancelTicket', ticketOfRestaurant);
export type UndoCancelTicket = Payload<typeof UndoCancelTicket>;

/** Holds a ticket while its order is being revised. */
export const BeginReviseTicket = command(commands, 'kitchenapi.BeginReviseTicket', ticketRevision);
export type BeginReviseTicket = Payload<typeof BeginReviseTicket>;

/** The revision is paid for: the ticket's quantities change. */
export const ConfirmReviseTicket = command(commands, 'kitchenapi.ConfirmReviseTicket', ticketRevision);
export type ConfirmReviseTicket = Payload<typeof ConfirmReviseTicket>;

/** Compensates BeginReviseTicket: the ticket is again what it was. */
export const UndoReviseTicket = command(commands, 'kitchenapi.UndoReviseTicket', ticketOfRestaurant);
export type UndoReviseTicket = Payload<typeof UndoReviseTicket>;

/** A ticket waits for the restaurant (its creation was confirmed). */
export const TicketCreated = event(events, 'kitchenapi.TicketCreated', {
  orderId: Id,
  restaurantId: Id,
  lineItems: z.array(TicketLineItem),
});
export type TicketCreated = Payload<typeof TicketCreated>;

/** The restaurant accepted a ticket and says when the food is ready. */
export const TicketAccepted = event(events, 'kitchenapi.TicketAccepted', {
  orderId: Id,
  acceptedAt: UtcTimestamp,
  readyBy: UtcTimestamp,
});
export type TicketAccepted = Payload<typeof TicketAccepted>;

/** A ticket was cancelled with its order. */
export const TicketCancelled = event(events, 'kitchenapi.TicketCancelled', { orderId: Id });
export type TicketCancelled = Payload<typeof TicketCancelled>;

/** A ticket's quantities changed with its order's. */
export const TicketRevised = event(events, 'kitchenapi.TicketRevised', {
  revisedQuantities: RevisedQuantities,
});
export type TicketRevised = Payload<typeof TicketRevised>;
