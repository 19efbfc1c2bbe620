import type { kitchenapi } from '@ftgo/serviceapis';
import type { DeliveryPorts } from '../ports';
import { schedule } from './schedule';

/** The restaurant cooks: the delivery can be scheduled. */
export async function ticketAccepted(
  ports: DeliveryPorts,
  { orderId, readyBy }: kitchenapi.TicketAccepted,
): Promise<void> {
  await schedule(ports, await ports.deliveries.merge(orderId, { readyBy }));
}

/** There will be nothing to deliver. */
export async function ticketCancelled(
  ports: DeliveryPorts,
  { orderId }: kitchenapi.TicketCancelled,
): Promise<void> {
  await ports.deliveries.merge(orderId, { cancelled: true });
  await ports.deliveries.dropActions(orderId);
}
