import { restaurantapi } from '@ftgo/serviceapis';
import { eventSource, onEvent, type MessageHandler } from '@ftgo/shared-ts';
import { followMenu, type KitchenPorts } from '../application';

/** The events that the kitchen follows: the restaurants'. */
export const eventHandlers: readonly MessageHandler<KitchenPorts>[] = [
  onEvent(restaurantapi.RestaurantCreated, (ports, event) => {
    const { id, version } = eventSource(event);
    return followMenu(ports, id, version, event.payload);
  }),
  onEvent(restaurantapi.RestaurantMenuRevised, (ports, event) => {
    const { id, version } = eventSource(event);
    return followMenu(ports, id, version, event.payload);
  }),
];
