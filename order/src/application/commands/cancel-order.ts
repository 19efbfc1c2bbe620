import { beginCancel, placed } from '../../domain/decisions';
import { cancelOrderSaga } from '../../sagas/cancel-order-saga';
import type { OrderPorts } from '../ports';

export interface CancelOrder {
  readonly orderId: string;
  /** Id of the saga that is started. */
  readonly sagaId: string;
}

/**
 * Holds the order and starts the CancelOrderSaga, in one transaction: from now on the order is not Approved until the saga has ended.
 * @throws Rejection ORDER_NOT_FOUND, ORDER_STATE
 */
export async function cancelOrder(
  ports: OrderPorts,
  { orderId, sagaId }: CancelOrder,
): Promise<{ status: 'CancelPending' }> {
  const { state } = await ports.orders.update(orderId, beginCancel, orderId);
  const order = placed(state, orderId);
  if (order.status !== 'CancelPending')
    throw new Error(`order ${orderId} is ${order.status} after beginCancel`);
  const { consumerId, restaurantId, ticketId, orderTotal } = order;
  await ports.sagas.start(cancelOrderSaga, sagaId, {
    orderId,
    consumerId,
    restaurantId,
    ticketId,
    orderTotal,
  });
  return { status: 'CancelPending' };
}
