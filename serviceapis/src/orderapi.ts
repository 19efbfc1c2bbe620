import { z } from 'zod';
import { channels } from './channels';
import { command, event, reply, type Payload } from './message-type';
import { Address, Id, LineItem, Name, RevisedQuantities, Total, UtcTimestamp } from './values';

const commands = channels.commands.order;
const events = channels.events.order;
const revision = { currentOrderTotal: Total, newOrderTotal: Total, revisedQuantities: RevisedQuantities };

const ofDifferentItems = (lines: readonly LineItem[]): boolean =>
  new Set(lines.map(({ menuItemId }) => menuItemId)).size === lines.length;

/** An order was placed; starts the CreateOrderSaga. */
export const OrderCreated = event(events, 'orderapi.OrderCreated', {
  consumerId: Id,
  restaurantId: Id,
  restaurantName: Name,
  lineItems: z.array(LineItem).min(1).refine(ofDifferentItems, 'must not name the same item twice'),
  orderTotal: Total,
  deliverAt: UtcTimestamp,
  deliverTo: Address,
});
export type OrderCreated = Payload<typeof OrderCreated>;

/** The CreateOrderSaga succeeded. */
export const OrderApproved = event(events, 'orderapi.OrderApproved', { ticketId: Id });
export type OrderApproved = Payload<typeof OrderApproved>;

/** The CreateOrderSaga was rolled back. */
export const OrderRejected = event(events, 'orderapi.OrderRejected', { reason: z.string().optional() });
export type OrderRejected = Payload<typeof OrderRejected>;

/** The CancelOrderSaga succeeded. */
export const OrderCancelled = event(events, 'orderapi.OrderCancelled', {});
export type OrderCancelled = Payload<typeof OrderCancelled>;

/** A revision was asked for; OrderRevised follows when it is agreed to. */
export const OrderProposedRevision = event(events, 'orderapi.OrderProposedRevision', revision);
export type OrderProposedRevision = Payload<typeof OrderProposedRevision>;

/** The ReviseOrderSaga succeeded: quantities and total have changed. */
export const OrderRevised = event(events, 'orderapi.OrderRevised', revision);
export type OrderRevised = Payload<typeof OrderRevised>;

/** Ends the CreateOrderSaga well. */
export const ApproveOrder = command(commands, 'orderapi.ApproveOrder', { orderId: Id, ticketId: Id });
export type ApproveOrder = Payload<typeof ApproveOrder>;

/** Compensates the order's creation. */
export const RejectOrder = command(commands, 'orderapi.RejectOrder', { orderId: Id });
export type RejectOrder = Payload<typeof RejectOrder>;

/** Holds an order while it is being cancelled. */
export const BeginCancelOrder = command(commands, 'orderapi.BeginCancelOrder', { orderId: Id });
export type BeginCancelOrder = Payload<typeof BeginCancelOrder>;

/** Compensates BeginCancelOrder: the order is approved again. */
export const UndoCancelOrder = command(commands, 'orderapi.UndoCancelOrder', { orderId: Id });
export type UndoCancelOrder = Payload<typeof UndoCancelOrder>;

/** Ends the CancelOrderSaga well. */
export const ConfirmCancelOrder = command(commands, 'orderapi.ConfirmCancelOrder', { orderId: Id });
export type ConfirmCancelOrder = Payload<typeof ConfirmCancelOrder>;

/** Holds an order while it is being revised; the reply gives the total it would have. */
export const BeginReviseOrder = command(commands, 'orderapi.BeginReviseOrder', {
  orderId: Id,
  revisedQuantities: RevisedQuantities,
});
export type BeginReviseOrder = Payload<typeof BeginReviseOrder>;

/** Success of BeginReviseOrder. */
export const BeginReviseOrderReply = reply('orderapi.BeginReviseOrderReply', { revisedOrderTotal: Total });
export type BeginReviseOrderReply = Payload<typeof BeginReviseOrderReply>;

/** Compensates BeginReviseOrder: the order is approved again, unchanged. */
export const UndoReviseOrder = command(commands, 'orderapi.UndoReviseOrder', { orderId: Id });
export type UndoReviseOrder = Payload<typeof UndoReviseOrder>;

/** Ends the ReviseOrderSaga well. */
export const ConfirmReviseOrder = command(commands, 'orderapi.ConfirmReviseOrder', {
  orderId: Id,
  revisedQuantities: RevisedQuantities,
});
export type ConfirmReviseOrder = Payload<typeof ConfirmReviseOrder>;
