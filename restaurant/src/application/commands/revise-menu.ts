import { notFound } from '@ftgo/shared-ts/domain';
import { menuRevised, type Menu } from '../../domain/restaurant';
import type { RestaurantPorts } from '../ports';

export interface ReviseMenu {
  readonly restaurantId: string;
  readonly menu: Menu;
}

/**
 * Replaces a restaurant's menu as a whole; orders that were placed keep what they were placed with.
 * @throws Rejection RESTAURANT_NOT_FOUND
 */
export async function reviseMenu(
  ports: RestaurantPorts,
  { restaurantId, menu }: ReviseMenu,
): Promise<{ id: string }> {
  const version = await ports.restaurants.replaceMenu(restaurantId, menu);
  if (version === undefined) throw notFound('restaurant', restaurantId);
  ports.events.publish(restaurantId, version, menuRevised(menu));
  return { id: restaurantId };
}
