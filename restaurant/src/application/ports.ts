import type { Menu, Restaurant, RestaurantEvent } from '../domain/restaurant';

/** Where the restaurants are. */
export interface Restaurants {
  find(id: string): Promise<Restaurant | undefined>;
  /**
   * Adds a new one, at version 1.
   * @returns its version
   */
  add(restaurant: Restaurant): Promise<number>;
  /**
   * Replaces the menu. Who else revises the same one waits until this transaction has ended.
   * @returns the restaurant's new version, one more than before; undefined when there is no such restaurant
   */
  replaceMenu(id: string, menu: Menu): Promise<number | undefined>;
}

/** Tells the other services what happened, if and when the transaction is committed. */
export interface RestaurantEvents {
  /** @param version the restaurant's version after the event */
  publish(restaurantId: string, version: number, event: RestaurantEvent): void;
}

/** All that the restaurant service's commands and queries need. */
export interface RestaurantPorts {
  readonly restaurants: Restaurants;
  readonly events: RestaurantEvents;
}
