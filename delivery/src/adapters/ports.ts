import type { InMemoryPorts } from '@ftgo/shared-ts/in-memory';
import type { PostgresPorts } from '@ftgo/shared-ts/postgres';
import type { DeliveryPorts } from '../application';
import { inMemoryCouriers } from './in-memory-couriers';
import { inMemoryDeliveries } from './in-memory-deliveries';
import { inMemoryRestaurantCopies } from './in-memory-restaurant-copies';
import { postgresCouriers } from './postgres-couriers';
import { postgresDeliveries } from './postgres-deliveries';
import { postgresRestaurantCopies } from './postgres-restaurant-copies';

/** The delivery service's ports on PostgreSQL. */
export const postgresPorts: PostgresPorts<DeliveryPorts> = (scope, session) => ({
  deliveries: postgresDeliveries(scope, session),
  couriers: postgresCouriers(session),
  restaurants: postgresRestaurantCopies(scope, session),
});

/** The delivery service's ports in memory. */
export const inMemoryPorts: InMemoryPorts<DeliveryPorts> = (_scope, session) => ({
  deliveries: inMemoryDeliveries(session),
  couriers: inMemoryCouriers(session),
  restaurants: inMemoryRestaurantCopies(session),
});
