import { join } from 'node:path';
import { newId, Rejection, sagaMetrics } from '@ftgo/shared-ts';
import { createMetrics } from '@ftgo/shared-ts/telemetry';
import { eachStore, testContext } from '@ftgo/shared-ts/testing';
import { orderCounters } from '../../src/adapters/order-metrics';
import { inMemoryPorts, postgresPorts } from '../../src/adapters/ports';
import {
  approveOrder,
  cancelOrder,
  createOrder,
  getOrder,
  reviseOrder,
  type OrderPorts,
} from '../../src/application';
import { ajanta, ids, request } from '../sample-orders';

const metrics = createMetrics('order-service');
const portMetrics = { counters: orderCounters(metrics), sagas: sagaMetrics(metrics) };

const codeOf = (reason: unknown): unknown => (reason instanceof Rejection ? reason.code : reason);

describe('an approved order that many want to cancel or revise at once', () => {
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
    (transactor) => {
      const run = <T>(work: (ports: OrderPorts) => Promise<T>): Promise<T> =>
        transactor().execute(testContext(), work);

      it('is held by one of them, and the others are told so', async () => {
        const orderId = newId();
        await run(async (ports) => {
          await ports.restaurants.created(ajanta, 1);
          await createOrder(ports, { ...request, orderId, restaurantId: ids.restaurant });
          await approveOrder(ports, { orderId, ticketId: ids.ticket });
        });
        const wishes = Array.from({ length: 8 }, (_, index) =>
          run((ports): Promise<{ status: string }> => {
            const sagaId = newId();
            return index % 2 === 0
              ? cancelOrder(ports, { orderId, sagaId })
              : reviseOrder(ports, { orderId, sagaId, revisedQuantities: { lassi: 2 } });
          }),
        );
        const results = await Promise.allSettled(wishes);
        const granted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
        const refusals = results.flatMap((result) =>
          result.status === 'rejected' ? [codeOf(result.reason)] : [],
        );
        expect(granted).toHaveLength(1);
        expect(refusals).toEqual(Array.from({ length: 7 }, () => 'ORDER_STATE'));
        const order = await run((ports) => getOrder(ports, orderId));
        expect({ status: order.status }).toEqual(granted[0]);
      });
    },
  );
});
