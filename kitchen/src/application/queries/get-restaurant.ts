import { notFound } from '@ftgo/shared-ts/domain';
import type { Restaurant } from '../../domain/restaurant';
import type { KitchenPorts } from '../ports';

/** @throws Rejection RESTAURANT_NOT_FOUND when no event of the restaurant has arrived here (yet) */
export async function getRestaurant(ports: KitchenPorts, id: string): Promise<Restaurant> {
  const restaurant = await ports.restaurants.find(id);
  if (restaurant === undefined) throw notFound('restaurant', id);
  return restaurant;
}
