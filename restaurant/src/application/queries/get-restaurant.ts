import { notFound } from '@ftgo/shared-ts/domain';
import type { Restaurant } from '../../domain/restaurant';
import type { RestaurantPorts } from '../ports';

/** @throws Rejection RESTAURANT_NOT_FOUND */
export async function getRestaurant(ports: RestaurantPorts, id: string): Promise<Restaurant> {
  const restaurant = await ports.restaurants.find(id);
  if (restaurant === undefined) throw notFound('restaurant', id);
  return restaurant;
}
