import type { Scope } from '@ftgo/shared-ts';
import type { InMemoryPorts } from '@ftgo/shared-ts/in-memory';
import type { PostgresPorts } from '@ftgo/shared-ts/postgres';
import type { RestaurantPorts, Restaurants } from '../application';
import { inMemoryRestaurants } from './in-memory-restaurants';
import { outboxRestaurantEvents } from './outbox-restaurant-events';
import { postgresRestaurants } from './postgres-restaurants';

const portsOf = (scope: Scope, restaurants: Restaurants): RestaurantPorts => ({
  events: outboxRestaurantEvents(scope),
  restaurants,
});

/** The restaurant service's ports on PostgreSQL. */
export const postgresPorts: PostgresPorts<RestaurantPorts> = (scope, session) =>
  portsOf(scope, postgresRestaurants(session));

/** The restaurant service's ports in memory. */
export const inMemoryPorts: InMemoryPorts<RestaurantPorts> = (scope, session) =>
  portsOf(scope, inMemoryRestaurants(session));
