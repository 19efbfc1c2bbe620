import type { orderapi } from '@ftgo/serviceapis';
import {
  approve,
  beginCancel,
  beginRevise,
  confirmCancel,
  confirmRevise,
  reject,
  undoCancel,
  undoRevise,
} from '../../domain/decisions';
import type { OrderEvent, OrderState } from '../../domain/order';
import type { OrderPorts } from '../ports';

/**
 * What the sagas command: each settles, holds or frees an order. All are safe to repeat; see `domain/decisions`.
 */

export const approveOrder = (
  ports: OrderPorts,
  { orderId, ticketId }: orderapi.ApproveOrder,
): Promise<OrderState> => settle(ports, orderId, (state) => approve(state, orderId, ticketId), 'approved');

export const rejectOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.RejectOrder,
  reason?: string,
): Promise<OrderState> => settle(ports, orderId, (state) => reject(state, orderId, reason), 'rejected');

export const beginCancelOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.BeginCancelOrder,
): Promise<OrderState> => settle(ports, orderId, (state) => beginCancel(state, orderId));

export const undoCancelOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.UndoCancelOrder,
): Promise<OrderState> => settle(ports, orderId, (state) => undoCancel(state, orderId));

export const confirmCancelOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.ConfirmCancelOrder,
): Promise<OrderState> => settle(ports, orderId, (state) => confirmCancel(state, orderId), 'cancelled');

export const beginReviseOrder = (
  ports: OrderPorts,
  command: orderapi.BeginReviseOrder,
): Promise<OrderState> =>
  settle(ports, command.orderId, (state) => beginRevise(state, command.orderId, command.revisedQuantities));

export const undoReviseOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.UndoReviseOrder,
): Promise<OrderState> => settle(ports, orderId, (state) => undoRevise(state, orderId));

export const confirmReviseOrder = (
  ports: OrderPorts,
  command: orderapi.ConfirmReviseOrder,
): Promise<OrderState> =>
  settle(
    ports,
    command.orderId,
    (state) => confirmRevise(state, command.orderId, command.revisedQuantities),
    'revised',
  );

/** Counts only what really happened: a repeated command gives no events. */
async function settle(
  ports: OrderPorts,
  orderId: string,
  decide: (state: OrderState) => readonly OrderEvent[],
  counted?: Parameters<OrderPorts['counters']['count']>[0],
): Promise<OrderState> {
  let happened = false;
  const { state } = await ports.orders.update(orderId, (order) => {
    const events = decide(order);
    happened = events.length > 0;
    return events;
  });
  if (happened && counted !== undefined) ports.counters.count(counted);
  return state;
}
