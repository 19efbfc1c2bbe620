import { orderapi, restaurantapi } from '@ftgo/serviceapis';
import { eventSource, onEvent, type MessageHandler } from '@ftgo/shared-ts';
import { menuRevised, restaurantCreated, startCreateOrderSaga, type OrderPorts } from '../application';

/** The events that the order service follows: the restaurants', and its own OrderCreated. */
export const eventHandlers: readonly MessageHandler<OrderPorts>[] = [
  onEvent(orderapi.OrderCreated, (ports, event) =>
    startCreateOrderSaga(ports, eventSource(event).id, event.payload),
  ),
  onEvent(restaurantapi.RestaurantCreated, (ports, event) => {
    const { id, version } = eventSource(event);
    return restaurantCreated(ports, id, version, event.payload);
  }),
  onEvent(restaurantapi.RestaurantMenuRevised, (ports, event) => {
    const { id, version } = eventSource(event);
    return menuRevised(ports, id, version, event.payload);
  }),
];
