import { sagasOf, type SagaMetrics, type Scope } from '@ftgo/shared-ts';
import type { InMemoryPorts } from '@ftgo/shared-ts/in-memory';
import type { PostgresPorts } from '@ftgo/shared-ts/postgres';
import type { OrderCounters, OrderPorts, RestaurantCopies, SagasUnderWay } from '../application';
import { orderAggregate } from '../domain/order';
import { inMemoryRestaurantCopies } from './in-memory-restaurant-copies';
import { inMemorySagasUnderWay } from './in-memory-sagas-under-way';
import { PostgresRestaurantCopies } from './postgres-restaurant-copies';
import { postgresSagasUnderWay } from './postgres-sagas-under-way';

/** What the ports count with. */
export interface PortMetrics {
  readonly counters: (scope: Scope) => OrderCounters;
  readonly sagas: SagaMetrics;
}

const portsOf = (
  scope: Scope,
  metrics: PortMetrics,
  stored: { readonly restaurants: RestaurantCopies; readonly sagasUnderWay: SagasUnderWay },
): OrderPorts => ({
  orders: scope.aggregates(orderAggregate),
  sagas: sagasOf(scope, metrics.sagas),
  counters: metrics.counters(scope),
  ...stored,
});

/** The order service's ports on PostgreSQL. */
export const postgresPorts =
  (metrics: PortMetrics): PostgresPorts<OrderPorts> =>
  (scope, session) =>
    portsOf(scope, metrics, {
      restaurants: new PostgresRestaurantCopies(scope, session),
      sagasUnderWay: postgresSagasUnderWay(session),
    });

/** The order service's ports in memory. */
export const inMemoryPorts =
  (metrics: PortMetrics): InMemoryPorts<OrderPorts> =>
  (scope, session) =>
    portsOf(scope, metrics, {
      restaurants: inMemoryRestaurantCopies(session),
      sagasUnderWay: inMemorySagasUnderWay(session),
    });
