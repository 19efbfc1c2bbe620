import type { values } from '@ftgo/serviceapis';
import { beginRevise, placed } from '../../domain/decisions';
import { reviseOrderSaga } from '../../sagas/revise-order-saga';
import type { OrderPorts } from '../ports';

export interface ReviseOrder {
  readonly orderId: string;
  /** Id of the saga that is started. */
  readonly sagaId: string;
  readonly revisedQuantities: values.RevisedQuantities;
}

/**
 * Holds the order and starts the ReviseOrderSaga, in one transaction: from now on the order is not Approved until the saga has ended.
 * @throws Rejection ORDER_NOT_FOUND, ORDER_STATE, ORDER_ITEM_NOT_FOUND, NOTHING_LEFT_TO_PAY
 */
export async function reviseOrder(
  ports: OrderPorts,
  { orderId, sagaId, revisedQuantities }: ReviseOrder,
): Promise<{ status: 'RevisionPending' }> {
  const { state } = await ports.orders.update(orderId, beginRevise, orderId, revisedQuantities);
  const order = placed(state, orderId);
  if (order.status !== 'RevisionPending')
    throw new Error(`order ${orderId} is ${order.status} after beginRevise`);
  const { consumerId, restaurantId, ticketId, revision } = order;
  await ports.sagas.start(reviseOrderSaga, sagaId, {
    orderId,
    consumerId,
    restaurantId,
    ticketId,
    revisedQuantities,
    revisedOrderTotal: revision.newOrderTotal,
  });
  return { status: 'RevisionPending' };
}
