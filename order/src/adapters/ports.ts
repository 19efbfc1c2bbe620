import { sagasOf, type SagaMetrics, type Scope } from '@ftgo/shared-ts';
import type { InMemoryPorts } from '@ftgo/shared-ts/in-memory';
import type { PostgresPorts } from '@ftgo/shared-ts/postgres';
import type { OrderCounters, OrderPorts, RestaurantCopies } from '../application';
import { orderAggregate } from '../domain/order';
import { inMemoryRestaurantCopies } from './in-memory-restaurant-copies';
import { postgresRestaurantCopies } from './postgres-restaurant-copies';

/** What the ports count with. */
export interface PortMetrics {
  readonly counters: (scope: Scope) => OrderCounters;
  readonly sagas: SagaMetrics;
}

const portsOf = (scope: Scope, metrics: PortMetrics, restaurants: RestaurantCopies): OrderPorts => ({
  orders: scope.aggregates(orderAggregate),
  sagas: sagasOf(scope, metrics.sagas),
  counters: metrics.counters(scope),
  restaurants,
});

/** The order service's ports on PostgreSQL. */
export const postgresPorts =
  (metrics: PortMetrics): PostgresPorts<OrderPorts> =>
  (scope, session) =>
    portsOf(scope, metrics, postgresRestaurantCopies(scope, session));

/** The order service's ports in memory. */
export const inMemoryPorts =
  (metrics: PortMetrics): InMemoryPorts<OrderPorts> =>
  (scope, session) =>
    portsOf(scope, metrics, inMemoryRestaurantCopies(session));
