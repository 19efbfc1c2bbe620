import type { restaurantapi } from '@ftgo/serviceapis';
import type { KitchenPorts } from '../ports';

/** Keeps the copy of a restaurant's menu: its first one and every revised one, each of which comes as a whole. */
export const followMenu = (
  ports: KitchenPorts,
  id: string,
  version: number,
  { menu }: restaurantapi.RestaurantMenuRevised,
): Promise<void> => ports.restaurants.keep({ id, menu }, version);
