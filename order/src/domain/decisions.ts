import { conflict, notFound, unprocessable, type Rejection } from '@ftgo/shared-ts/domain';
import { revised, totalOf, type OrderEvent, type OrderState, type PlacedOrder } from './order';
import { payable } from './place-order';

/**
 * The decisions about a placed order. Each gives the events that follow from the state, throws a Rejection when the state does not allow it, and gives
 * no events for what has been done before, because commands come more than once. Only a second `begin` is refused: another saga holds the order.
 */

/** The CreateOrderSaga has succeeded. */
export function approve(state: OrderState, orderId: string, ticketId: string): OrderEvent[] {
  const order = placed(state, orderId);
  // Only an approval gives an order its ticket, whatever has happened since.
  if ('ticketId' in order && order.ticketId === ticketId) return [];
  if (order.status !== 'ApprovalPending') throw not('approved', order);
  return [{ type: 'orderapi.OrderApproved', data: { ticketId } }];
}

/** The CreateOrderSaga was rolled back. */
export function reject(state: OrderState, orderId: string, reason?: string): OrderEvent[] {
  const order = placed(state, orderId);
  if (order.status === 'Rejected') return [];
  if (order.status !== 'ApprovalPending') throw not('rejected', order);
  return [{ type: 'orderapi.OrderRejected', data: reason === undefined ? {} : { reason } }];
}

/** Holds the order for the CancelOrderSaga. */
export function beginCancel(state: OrderState, orderId: string): OrderEvent[] {
  const order = placed(state, orderId);
  if (order.status !== 'Approved') throw not('cancelled', order);
  return [{ type: 'order.OrderCancelling', data: {} }];
}

/** Compensates beginCancel. */
export function undoCancel(state: OrderState, orderId: string): OrderEvent[] {
  const order = placed(state, orderId);
  if (order.status === 'Approved') return [];
  if (order.status !== 'CancelPending') throw not('kept', order);
  return [{ type: 'order.OrderCancelUndone', data: {} }];
}

/** Ends the CancelOrderSaga well. */
export function confirmCancel(state: OrderState, orderId: string): OrderEvent[] {
  const order = placed(state, orderId);
  if (order.status === 'Cancelled') return [];
  if (order.status !== 'CancelPending') throw not('cancelled', order);
  return [{ type: 'orderapi.OrderCancelled', data: {} }];
}

/**
 * Holds the order for the ReviseOrderSaga, with the total that it would have.
 * @throws Rejection ORDER_ITEM_NOT_FOUND, NOTHING_LEFT_TO_PAY
 */
export function beginRevise(
  state: OrderState,
  orderId: string,
  revisedQuantities: Readonly<Record<string, number>>,
): OrderEvent[] {
  const order = placed(state, orderId);
  if (order.status !== 'Approved') throw not('revised', order);
  const ordered = new Set(order.lineItems.map((item) => item.menuItemId));
  for (const id of Object.keys(revisedQuantities)) {
    if (!ordered.has(id)) throw unprocessable('ORDER_ITEM_NOT_FOUND', `The order has no menu item ${id}.`);
  }
  const newOrderTotal = payable(totalOf(revised(order.lineItems, revisedQuantities)));
  if (newOrderTotal === 0) {
    throw unprocessable(
      'NOTHING_LEFT_TO_PAY',
      'The revision leaves nothing to pay; cancel the order instead.',
    );
  }
  return [
    {
      type: 'orderapi.OrderProposedRevision',
      data: { currentOrderTotal: order.orderTotal, newOrderTotal, revisedQuantities },
    },
  ];
}

/** Compensates beginRevise. */
export function undoRevise(state: OrderState, orderId: string): OrderEvent[] {
  const order = placed(state, orderId);
  if (order.status === 'Approved') return [];
  if (order.status !== 'RevisionPending') throw not('kept as it was', order);
  return [{ type: 'order.OrderRevisionUndone', data: {} }];
}

/** Ends the ReviseOrderSaga well: what was proposed becomes true. */
export function confirmRevise(
  state: OrderState,
  orderId: string,
  revisedQuantities: Readonly<Record<string, number>>,
): OrderEvent[] {
  const order = placed(state, orderId);
  if (order.status === 'Approved' && hasQuantities(order, revisedQuantities)) return [];
  if (order.status !== 'RevisionPending') throw not('revised', order);
  return [{ type: 'orderapi.OrderRevised', data: order.revision }];
}

const hasQuantities = (order: PlacedOrder, quantities: Readonly<Record<string, number>>): boolean =>
  revised(order.lineItems, quantities).every(
    (item, index) => item.quantity === order.lineItems[index]?.quantity,
  );

/** @throws Rejection ORDER_NOT_FOUND */
export function placed(state: OrderState, orderId: string): PlacedOrder {
  if (state.status === 'NotPlaced') throw notFound('order', orderId);
  return state;
}

const not = (what: string, order: PlacedOrder): Rejection =>
  conflict('ORDER_STATE', `The order can't be ${what}, because it is ${order.status}.`);
