import type { InMemoryPorts } from '@ftgo/shared-ts/in-memory';
import type { PostgresPorts } from '@ftgo/shared-ts/postgres';
import type { OrderHistoryPorts } from '../application';
import { inMemoryOrderHistories } from './in-memory-order-histories';
import { postgresOrderHistories } from './postgres-order-histories';

/** The order history's ports on PostgreSQL. */
export const postgresPorts: PostgresPorts<OrderHistoryPorts> = (scope, session) => ({
  histories: postgresOrderHistories(scope, session),
});

/** The order history's ports in memory. */
export const inMemoryPorts: InMemoryPorts<OrderHistoryPorts> = (_scope, session) => ({
  histories: inMemoryOrderHistories(session),
});
