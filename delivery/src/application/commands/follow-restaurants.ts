import type { restaurantapi } from '@ftgo/serviceapis';
import type { DeliveryPorts } from '../ports';
import { schedule } from './schedule';

/** Keeps the copy of a restaurant that was created, and schedules the deliveries that waited for its address. */
export async function restaurantCreated(
  ports: DeliveryPorts,
  id: string,
  { name, address }: restaurantapi.RestaurantCreated,
): Promise<void> {
  await ports.restaurants.created({ id, name, address });
  for (const delivery of await ports.deliveries.waitingFor(id)) await schedule(ports, delivery);
}
