import { z } from 'zod';
import { channels } from './channels';
import { event, type Payload } from './message-type';
import { Address, MenuItem, Name } from './values';

const events = channels.events.restaurant;

/** A restaurant joined with its first menu. */
export const RestaurantCreated = event(events, 'restaurantapi.RestaurantCreated', {
  name: Name,
  address: Address,
  menu: z.array(MenuItem),
});
export type RestaurantCreated = Payload<typeof RestaurantCreated>;

/** A restaurant's menu is another one now, as a whole. */
export const RestaurantMenuRevised = event(events, 'restaurantapi.RestaurantMenuRevised', {
  menu: z.array(MenuItem),
});
export type RestaurantMenuRevised = Payload<typeof RestaurantMenuRevised>;
