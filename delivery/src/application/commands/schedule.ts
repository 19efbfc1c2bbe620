import { newId } from '@ftgo/shared-ts';
import { isReadyToSchedule, planOf, type Delivery } from '../../domain/delivery';
import type { DeliveryPorts } from '../ports';

/**
 * Gives a delivery to a courier when everything is known for it. It is called after every fact that may be the last one missing; the one that is
 * brings the delivery on its way.
 */
export async function schedule(ports: DeliveryPorts, delivery: Delivery): Promise<void> {
  if (!isReadyToSchedule(delivery)) return;
  const restaurant = await ports.restaurants.find(delivery.order.restaurantId);
  if (restaurant === undefined) return;
  const courierId = await ports.couriers.next(newId());
  await ports.deliveries.assign(delivery.id, courierId, planOf(delivery, restaurant));
}
