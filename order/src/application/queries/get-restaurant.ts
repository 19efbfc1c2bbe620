import { notFound } from '@ftgo/shared-ts/domain';
import type { Restaurant } from '../../domain/restaurant';
import type { OrderPorts } from '../ports';

/** @throws Rejection RESTAURANT_NOT_FOUND when the restaurant's creation has not arrived here (yet) */
export async function getRestaurant(ports: OrderPorts, id: string): Promise<Restaurant> {
  const restaurant = await ports.restaurants.find(id);
  if (restaurant === undefined) throw notFound('restaurant', id);
  return restaurant;
}
