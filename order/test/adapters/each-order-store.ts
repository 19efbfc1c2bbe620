import { join } from 'node:path';
import { sagaMetrics } from '@ftgo/shared-ts';
import { createMetrics } from '@ftgo/shared-ts/telemetry';
import { eachStore, testContext } from '@ftgo/shared-ts/testing';
import { orderCounters } from '../../src/adapters/order-metrics';
import { inMemoryPorts, postgresPorts } from '../../src/adapters/ports';
import type { OrderPorts } from '../../src/application';

/** Runs something in a transaction of its own. */
type Run = <T>(work: (ports: OrderPorts) => Promise<T>) => Promise<T>;

const metrics = createMetrics('order-service');
const portMetrics = { counters: orderCounters(metrics), sagas: sagaMetrics(metrics) };

/** Runs a contract suite on both sets of the order service's adapters. */
export function eachOrderStore(suite: (run: Run) => void): void {
  eachStore<OrderPorts>(
    {
      serviceId: 'order-service',
      schema: {
        shared: ['event-store', 'outbox', 'inbox', 'idempotency', 'sagas'],
        folder: join(__dirname, '../../migrations'),
      },
      inMemory: inMemoryPorts(portMetrics),
      postgres: postgresPorts(portMetrics),
    },
    (transactor) => suite((work) => transactor().execute(testContext(), work)),
  );
}
