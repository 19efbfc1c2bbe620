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
): Promise<OrderState> => settle(ports, 'approved', approve, orderId, ticketId);

export const rejectOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.RejectOrder,
  reason?: string,
): Promise<OrderState> => settle(ports, 'rejected', reject, orderId, reason);

export const beginCancelOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.BeginCancelOrder,
): Promise<OrderState> => settle(ports, undefined, beginCancel, orderId);

export const undoCancelOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.UndoCancelOrder,
): Promise<OrderState> => settle(ports, undefined, undoCancel, orderId);

export const confirmCancelOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.ConfirmCancelOrder,
): Promise<OrderState> => settle(ports, 'cancelled', confirmCancel, orderId);

export const beginReviseOrder = (
  ports: OrderPorts,
  { orderId, revisedQuantities }: orderapi.BeginReviseOrder,
): Promise<OrderState> => settle(ports, undefined, beginRevise, orderId, revisedQuantities);

export const undoReviseOrder = (
  ports: OrderPorts,
  { orderId }: orderapi.UndoReviseOrder,
): Promise<OrderState> => settle(ports, undefined, undoRevise, orderId);

export const confirmReviseOrder = (
  ports: OrderPorts,
  { orderId, revisedQuantities }: orderapi.ConfirmReviseOrder,
): Promise<OrderState> => settle(ports, 'revised', confirmRevise, orderId, revisedQuantities);

/** Counts only what really happened: a repeated command gives no events. */
async function settle<Given extends readonly unknown[]>(
  ports: OrderPorts,
  counted: Parameters<OrderPorts['counters']['count']>[0] | undefined,
  decide: (state: OrderState, orderId: string, ...given: Given) => readonly OrderEvent[],
  orderId: string,
  ...given: Given
): Promise<OrderState> {
  const { state, events } = await ports.orders.update(orderId, decide, orderId, ...given);
  if (events.length > 0 && counted !== undefined) ports.counters.count(counted);
  return state;
}
