import { join } from 'node:path';
import fc from 'fast-check';
import { newId } from '@ftgo/shared-ts';
import { eachStore, testContext } from '@ftgo/shared-ts/testing';
import { inMemoryPorts, postgresPorts } from '../../src/adapters/ports';
import type { OrderHistories } from '../../src/application';
import type { OrderDetails, OrderHistory } from '../../src/domain/order-history';
import { comparePlaces, matches, type Search } from '../../src/domain/search';
import { arrivals, details, type Told } from '../event-stories';
import { anOrder } from '../order-histories';

const adapters = {
  serviceId: 'order-history-service',
  schema: { shared: ['inbox'] as const, folder: join(__dirname, '../../migrations') },
  inMemory: inMemoryPorts,
  postgres: postgresPorts,
};

interface OrderEvent extends Told {
  readonly orderId: string;
}

/** Some orders' stories with all that arrives of them, mixed. */
const mixedArrivals = fc
  .array(arrivals, { minLength: 1, maxLength: 5 })
  .map((all) => all.map((each) => ({ ...each, orderId: newId() })))
  .chain((orders) => {
    const events = orders.flatMap(({ orderId, arriving }) => arriving.map((told) => ({ orderId, ...told })));
    return fc.record({
      orders: fc.constant(orders),
      events: fc.shuffledSubarray(events, { minLength: events.length }),
    });
  });

describe('The projection of the orders', () => {
  eachStore(adapters, (transactor) => {
    const run = <T>(work: (histories: OrderHistories) => Promise<T>): Promise<T> =>
      transactor().execute(testContext(), ({ histories }) => work(histories));
    const found = (search: Partial<Search>): Promise<readonly OrderHistory[]> =>
      run((histories) => histories.search({ keywords: [], limit: 50, ...search }));
    const create = (orderId: string, order: OrderDetails = details): Promise<void> =>
      run((histories) => histories.merge(orderId, { details: order, status: 'ApprovalPending' }, 1));

    /** Events as one batch: in one transaction, side by side, each with ports of its own. */
    const batch = (events: readonly OrderEvent[]): Promise<void> =>
      transactor().transaction(async ({ work, ports }) => {
        const handle = ({ orderId, facts, version }: OrderEvent): Promise<void> =>
          ports(work.scope(testContext())).histories.merge(orderId, facts, version);
        await Promise.all(events.map(handle));
      });

    it('knows nothing under an id that was never used', async () => {
      expect(await run((histories) => histories.find(newId()))).toBeUndefined();
    });

    it('neither finds nor shows an order whose creation has not arrived', async () => {
      const orderId = newId();
      const revision = { revisedQuantities: { vindaloo: 1 }, newOrderTotal: 1633 };
      await run(async (histories) => {
        await histories.merge(orderId, { status: 'Approved' }, 2);
        await histories.merge(orderId, { status: 'Approved', revision }, 4);
      });
      expect(await run((histories) => histories.find(orderId))).toBeUndefined();
      expect((await found({ status: 'Approved' })).map((order) => order.orderId)).not.toContain(orderId);
    });

    it('ends the same in whatever order and however often events arrive', async () => {
      await fc.assert(
        fc.asyncProperty(arrivals, async ({ story, arriving }) => {
          const orderId = newId();
          await run(async (histories) => {
            for (const { facts, version } of arriving) await histories.merge(orderId, facts, version);
          });
          expect(await run((histories) => histories.find(orderId))).toEqual({ ...story.ending, orderId });
        }),
        { numRuns: 100 },
      );
    });

    it('ends the same when events arrive at the same moment', async () => {
      await fc.assert(
        fc.asyncProperty(arrivals, async ({ story, arriving }) => {
          const orderId = newId();
          await Promise.all(
            arriving.map(({ facts, version }) =>
              run((histories) => histories.merge(orderId, facts, version)),
            ),
          );
          expect(await run((histories) => histories.find(orderId))).toEqual({ ...story.ending, orderId });
        }),
        { numRuns: 20 },
      );
    });

    describe('of events that come as one batch', () => {
      it('ends the same whatever the batch has of each order, in any order', async () => {
        await fc.assert(
          fc.asyncProperty(mixedArrivals, async ({ orders, events }) => {
            await batch(events);
            for (const { orderId, story } of orders)
              expect(await run((histories) => histories.find(orderId))).toEqual({ ...story.ending, orderId });
          }),
          { numRuns: 50 },
        );
      });

      it('ends the same wherever one batch ends and the next begins', async () => {
        const cuts = fc.record({ mixed: mixedArrivals, cut: fc.nat({ max: 30 }) });
        await fc.assert(
          fc.asyncProperty(cuts, async ({ mixed: { orders, events }, cut }) => {
            await batch(events.slice(0, cut));
            await batch(events.slice(cut));
            for (const { orderId, story } of orders)
              expect(await run((histories) => histories.find(orderId))).toEqual({ ...story.ending, orderId });
          }),
          { numRuns: 50 },
        );
      });

      it('ends the same when batches that overlap come at the same moment', async () => {
        await fc.assert(
          fc.asyncProperty(mixedArrivals, async ({ orders, events }) => {
            await Promise.all([batch(events), batch(events.toReversed())]);
            for (const { orderId, story } of orders)
              expect(await run((histories) => histories.find(orderId))).toEqual({ ...story.ending, orderId });
          }),
          { numRuns: 30 },
        );
      });

      it('keeps many orders apart', async () => {
        const consumerId = newId();
        const orders = Array.from({ length: 50 }, (_, index) =>
          anOrder({
            consumerId,
            restaurantName: `Restaurant ${index}`,
            orderTotal: index,
            createdAt: new Date(Date.UTC(2035, 0, 1, 0, index)).toISOString(),
            lineItems: [{ menuItemId: `item${index % 3}`, name: `Dish ${index}`, price: index, quantity: 1 }],
          }),
        );
        await batch(
          orders.flatMap(({ orderId, ...order }) => [
            { orderId, facts: { details: order, status: 'ApprovalPending' }, version: 1 },
            { orderId, facts: { status: 'Approved' }, version: 2 },
          ]),
        );
        const expected = orders.map((order) => ({ ...order, status: 'Approved' }));
        expect(await found({ consumerId })).toEqual(expected.toReversed());
        const [sought] = await found({ consumerId, keywords: ['restaurant', '7'] });
        expect(sought).toEqual(expected[7]);
      });

      it('shows what was told before in the same transaction', async () => {
        const { orderId, ...order } = anOrder();
        const [one, several] = await run(async (histories) => {
          await histories.merge(orderId, { details: order, status: 'ApprovalPending' }, 1);
          const created = await histories.find(orderId);
          await histories.merge(orderId, { status: 'Approved' }, 2);
          return [created, await histories.search({ keywords: [], limit: 1, consumerId: order.consumerId })];
        });
        expect(one).toEqual({ ...order, orderId, status: 'ApprovalPending' });
        expect(several).toEqual([{ ...order, orderId, status: 'Approved' }]);
      });
    });

    it('shows line items in the order in which they were ordered', async () => {
      const orderId = newId();
      const lineItems = ['z', 'a', 'm', 'b'].map((menuItemId) => ({
        menuItemId,
        name: `Dish ${menuItemId}`,
        price: 1,
        quantity: 1,
      }));
      await create(orderId, { ...details, lineItems });
      expect((await run((histories) => histories.find(orderId)))?.lineItems).toEqual(lineItems);
    });

    it('shows no item that was revised but never ordered', async () => {
      const orderId = newId();
      const revision = { revisedQuantities: { pizza: 3 }, newOrderTotal: details.orderTotal };
      await run((histories) => histories.merge(orderId, { status: 'Approved', revision }, 4));
      await create(orderId);
      expect((await run((histories) => histories.find(orderId)))?.lineItems).toEqual(details.lineItems);
    });

    it('keeps amounts to the cent, however large', async () => {
      const orderId = newId();
      await create(orderId, { ...details, orderTotal: Number.MAX_SAFE_INTEGER });
      expect((await run((histories) => histories.find(orderId)))?.orderTotal).toBe(Number.MAX_SAFE_INTEGER);
    });

    it('takes any moment for since, from the year 0 to 9999', async () => {
      const orderId = newId();
      const { consumerId } = anOrder();
      await create(orderId, { ...details, consumerId });
      expect(await found({ consumerId, since: '0000-01-01T00:00:00.000Z' })).toHaveLength(1);
      expect(await found({ consumerId, since: '9999-12-31T23:59:59.999Z' })).toHaveLength(0);
    });

    it('gives the orders that the domain says are looked for, newest first', async () => {
      const consumers = [newId(), newId()];
      const statuses = ['ApprovalPending', 'Approved', 'Cancelled'] as const;
      const restaurants = ['Ajanta', 'Taj Mahal', 'Pizza Mahal'];
      const orders: OrderHistory[] = [];
      for (let index = 0; index < 36; index++) {
        const { orderId, ...order } = anOrder({
          consumerId: consumers[index % 2],
          restaurantName: restaurants[index % 3],
          // Four at a time are from the same moment.
          createdAt: new Date(Date.UTC(2040, 0, 1 + Math.floor(index / 4))).toISOString(),
        });
        const status = statuses[Math.floor(index / 5) % 3] ?? 'Approved';
        await create(orderId, order);
        await run((histories) => histories.merge(orderId, { status }, 2));
        orders.push({ ...order, orderId, status });
      }
      const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
      const searches: fc.Arbitrary<Search> = fc.record({
        consumerId: optional(fc.constantFrom(...consumers, newId())),
        status: optional(fc.constantFrom(...statuses)),
        keywords: fc.subarray(['ajanta', 'mahal', 'pizza', 'vindaloo', 'sushi'], { maxLength: 2 }),
        // Never left out, because the other tests' orders are older than all of these.
        since: fc.constantFrom(...orders.map(({ createdAt }) => createdAt), '2040-01-03T12:00:00.000Z'),
        after: optional(fc.constantFrom(...orders)),
        limit: fc.integer({ min: 1, max: 51 }),
      });
      await fc.assert(
        fc.asyncProperty(searches, async (search) => {
          const expected = orders.filter((order) => matches(order, search)).sort(comparePlaces);
          expect(await found(search)).toEqual(expected.slice(0, search.limit));
        }),
        { numRuns: 200 },
      );
    });
  });
});
