import { created, type Restaurant } from '../../domain/restaurant';
import type { RestaurantPorts } from '../ports';

export type CreateRestaurant = Restaurant;

/** A restaurant joins with its first menu. */
export async function createRestaurant(
  ports: RestaurantPorts,
  restaurant: CreateRestaurant,
): Promise<{ id: string }> {
  const version = await ports.restaurants.add(restaurant);
  ports.events.publish(restaurant.id, version, created(restaurant));
  return { id: restaurant.id };
}
