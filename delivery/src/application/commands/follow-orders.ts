import type { orderapi } from '@ftgo/serviceapis';
import type { DeliveryPorts } from '../ports';
import { schedule } from './schedule';

/** Opens the delivery of a placed order. */
export async function orderCreated(
  ports: DeliveryPorts,
  orderId: string,
  { restaurantId, deliverTo, deliverAt }: orderapi.OrderCreated,
): Promise<void> {
  const order = { restaurantId, deliverTo, deliverAt };
  await schedule(ports, await ports.deliveries.merge(orderId, { order }));
}
