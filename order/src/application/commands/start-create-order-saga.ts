import type { orderapi } from '@ftgo/serviceapis';
import { createOrderSaga } from '../../sagas/create-order-saga';
import type { OrderPorts } from '../ports';

/** Starts the saga of a placed order. It has the order's id, so that an order has one, however often the event comes. */
export async function startCreateOrderSaga(
  ports: OrderPorts,
  orderId: string,
  order: orderapi.OrderCreated,
): Promise<void> {
  await ports.sagas.start(createOrderSaga, orderId, {
    orderId,
    consumerId: order.consumerId,
    restaurantId: order.restaurantId,
    orderTotal: order.orderTotal,
    ticketDetails: order.lineItems.map(({ menuItemId, name, quantity }) => ({ menuItemId, name, quantity })),
  });
}
