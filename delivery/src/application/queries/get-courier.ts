import { notFound } from '@ftgo/shared-ts/domain';
import type { Courier, CourierAction } from '../../domain/courier';
import type { DeliveryPorts } from '../ports';

export interface CourierWithPlan extends Courier {
  /** By time. */
  readonly actions: readonly CourierAction[];
}

/** @throws Rejection COURIER_NOT_FOUND */
export async function getCourier(ports: DeliveryPorts, id: string): Promise<CourierWithPlan> {
  const courier = await ports.couriers.find(id);
  if (courier === undefined) throw notFound('courier', id);
  return { ...courier, actions: await ports.couriers.plan(id) };
}
