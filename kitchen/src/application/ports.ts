import type { AggregateRepository } from '@ftgo/shared-ts';
import type { Restaurant } from '../domain/restaurant';
import type { TicketEvent, TicketState } from '../domain/ticket';

/** The kitchen's copy of the restaurants; follows the restaurant service's events in whatever order they come. */
export interface RestaurantCopies {
  /** Gives a restaurant of which a menu is known. */
  find(id: string): Promise<Restaurant | undefined>;
  /** The restaurant is as given since a version of it, unless a newer one is known. */
  keep(restaurant: Restaurant, version: number): Promise<void>;
}

/** All that the kitchen's commands and queries need. */
export interface KitchenPorts {
  readonly tickets: AggregateRepository<TicketState, TicketEvent>;
  readonly restaurants: RestaurantCopies;
}
