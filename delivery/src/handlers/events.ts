import { kitchenapi, orderapi, restaurantapi } from '@ftgo/serviceapis';
import { eventSource, onEvent, type MessageHandler } from '@ftgo/shared-ts';
import {
  orderCreated,
  restaurantCreated,
  ticketAccepted,
  ticketCancelled,
  type DeliveryPorts,
} from '../application';

/** The events that the delivery service follows: the restaurants', the orders' and the tickets'. */
export const eventHandlers: readonly MessageHandler<DeliveryPorts>[] = [
  onEvent(restaurantapi.RestaurantCreated, (ports, event) =>
    restaurantCreated(ports, eventSource(event).id, event.payload),
  ),
  onEvent(orderapi.OrderCreated, (ports, event) => orderCreated(ports, eventSource(event).id, event.payload)),
  onEvent(kitchenapi.TicketAccepted, (ports, { payload }) => ticketAccepted(ports, payload)),
  onEvent(kitchenapi.TicketCancelled, (ports, { payload }) => ticketCancelled(ports, payload)),
];
