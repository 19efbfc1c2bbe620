import type { values } from '@ftgo/serviceapis';

/** What the delivery service keeps of a restaurant: a copy that follows the restaurant service's events. */
export interface Restaurant {
  readonly id: string;
  readonly name: string;
  readonly address: values.Address;
}
