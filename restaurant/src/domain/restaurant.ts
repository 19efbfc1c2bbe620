import type { restaurantapi, values } from '@ftgo/serviceapis';
import type { DomainEvent } from '@ftgo/shared-ts/domain';

/** What a restaurant offers, in the restaurant's order; no two items share an id. */
export type Menu = readonly values.MenuItem[];

/** A restaurant, as a plain record: nothing is decided by its past. */
export interface Restaurant {
  readonly id: string;
  readonly name: string;
  readonly address: values.Address;
  readonly menu: Menu;
}

/** What other services learn of a restaurant. */
export type RestaurantEvent =
  | DomainEvent<'restaurantapi.RestaurantCreated', restaurantapi.RestaurantCreated>
  | DomainEvent<'restaurantapi.RestaurantMenuRevised', restaurantapi.RestaurantMenuRevised>;

/** A restaurant joined. */
export const created = ({ name, address, menu }: Restaurant): RestaurantEvent => ({
  type: 'restaurantapi.RestaurantCreated',
  data: { name, address, menu: [...menu] },
});

/** A restaurant's menu is another one now, as a whole. */
export const menuRevised = (menu: Menu): RestaurantEvent => ({
  type: 'restaurantapi.RestaurantMenuRevised',
  data: { menu: [...menu] },
});
