import type { values } from '@ftgo/serviceapis';

/** What the kitchen keeps of a restaurant: a copy that follows the restaurant service's events. */
export interface Restaurant {
  readonly id: string;
  readonly menu: readonly values.MenuItem[];
}
