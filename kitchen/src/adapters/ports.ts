import type { Scope } from '@ftgo/shared-ts';
import type { InMemoryPorts } from '@ftgo/shared-ts/in-memory';
import type { PostgresPorts } from '@ftgo/shared-ts/postgres';
import type { KitchenPorts, RestaurantCopies } from '../application';
import { ticketAggregate } from '../domain/ticket';
import { inMemoryRestaurantCopies } from './in-memory-restaurant-copies';
import { PostgresRestaurantCopies } from './postgres-restaurant-copies';

const portsOf = (scope: Scope, restaurants: RestaurantCopies): KitchenPorts => ({
  tickets: scope.aggregates(ticketAggregate),
  restaurants,
});

/** The kitchen service's ports on PostgreSQL. */
export const postgresPorts: PostgresPorts<KitchenPorts> = (scope, session) =>
  portsOf(scope, new PostgresRestaurantCopies(scope, session));

/** The kitchen service's ports in memory. */
export const inMemoryPorts: InMemoryPorts<KitchenPorts> = (scope, session) =>
  portsOf(scope, inMemoryRestaurantCopies(session));
