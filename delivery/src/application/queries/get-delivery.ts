import { notFound } from '@ftgo/shared-ts/domain';
import type { CourierAction } from '../../domain/courier';
import type { Delivery } from '../../domain/delivery';
import type { DeliveryPorts } from '../ports';

export interface DeliveryWithPlan extends Delivery {
  /** By time; empty until the delivery is scheduled and after it is cancelled. */
  readonly actions: readonly CourierAction[];
}

/** @throws Rejection DELIVERY_NOT_FOUND when the order has not arrived here (yet), even if its ticket has */
export async function getDelivery(ports: DeliveryPorts, id: string): Promise<DeliveryWithPlan> {
  const delivery = await ports.deliveries.find(id);
  if (delivery?.order === undefined) throw notFound('delivery', id);
  return { ...delivery, actions: await ports.deliveries.actions(id) };
}
