import type { DeliveryPorts } from '../ports';

export interface SetCourierAvailability {
  readonly courierId: string;
  readonly available: boolean;
}

/** Keeps whether a courier takes new deliveries; an unknown courier is a new one. */
export async function setCourierAvailability(
  ports: DeliveryPorts,
  { courierId, available }: SetCourierAvailability,
): Promise<{ available: boolean }> {
  await ports.couriers.setAvailability(courierId, available);
  return { available };
}
