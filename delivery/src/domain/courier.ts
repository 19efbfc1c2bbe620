import type { values } from '@ftgo/serviceapis';

/** Somebody who brings food. */
export interface Courier {
  readonly id: string;
  /** Whether new deliveries may be given to the courier; what is planned already stays. */
  readonly available: boolean;
}

/** A stop on a courier's plan. */
export interface CourierAction {
  readonly deliveryId: string;
  readonly type: 'PICKUP' | 'DROPOFF';
  readonly address: values.Address;
  /** RFC 3339, UTC. */
  readonly time: string;
}
