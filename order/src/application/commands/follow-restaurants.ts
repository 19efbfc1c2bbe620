import type { restaurantapi } from '@ftgo/serviceapis';
import type { OrderPorts } from '../ports';

/** Keeps the copy of a restaurant that was created. */
export const restaurantCreated = (
  ports: OrderPorts,
  id: string,
  version: number,
  { name, menu }: restaurantapi.RestaurantCreated,
): Promise<void> => ports.restaurants.created({ id, name, menu }, version);

/** Keeps the copy of a restaurant's new menu. */
export const menuRevised = (
  ports: OrderPorts,
  id: string,
  version: number,
  { menu }: restaurantapi.RestaurantMenuRevised,
): Promise<void> => ports.restaurants.menuRevised(id, menu, version);
