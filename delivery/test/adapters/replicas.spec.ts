import { join } from 'node:path';
import { newId, type Transactor } from '@ftgo/shared-ts';
import { postgresTransactor } from '@ftgo/shared-ts/postgres';
import {
  eventually,
  freshDatabase,
  testContext,
  type Arrival,
  type Settlement,
  type TestDatabase,
} from '@ftgo/shared-ts/testing';
import { postgresPorts } from '../../src/adapters/ports';
import { orderCreated, restaurantCreated, ticketAccepted, type DeliveryPorts } from '../../src/application';
import { ajanta, halfAnHourLater, home, newStory, readyBy, startDeliveries } from '../deliveries';

describe('several replicas on one database', () => {
  let database: TestDatabase;
  let transactor: Transactor<DeliveryPorts>;

  beforeAll(async () => {
    database = await freshDatabase({ shared: ['inbox'], folder: join(__dirname, '../../migrations') });
    transactor = postgresTransactor(database.pool, 'delivery-service', postgresPorts);
  });
  afterAll(() => database.drop());
  beforeEach(() => database.pool.query('TRUNCATE couriers'));

  const run = <T>(work: (ports: DeliveryPorts) => Promise<T>): Promise<T> =>
    transactor.execute(testContext(), work);

  /** Runs work in a transaction and, before it is committed, something else. */
  const before = <T>(
    work: (ports: DeliveryPorts) => Promise<T>,
    commit: (done: T) => Promise<void>,
  ): Promise<void> => run(async (ports) => commit(await work(ports)));

  /** Until so many transactions wait for a lock. */
  const transactionsWait = (howMany: number): Promise<void> =>
    eventually(async () => {
      const { rows } = await database.pool.query<{ waiting: number }>(
        `SELECT count(*)::integer AS waiting FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows[0]?.waiting).toBeGreaterThanOrEqual(howMany);
    });
  const someoneWaitsForALock = (): Promise<void> => transactionsWait(1);

  const order = (restaurantId: string) => ({
    consumerId: newId(),
    restaurantId,
    restaurantName: 'Ajanta',
    lineItems: [{ menuItemId: 'vindaloo', name: 'Chicken Vindaloo', price: 1234, quantity: 2 }],
    orderTotal: 2468,
    deliverAt: halfAnHourLater,
    deliverTo: home,
  });
  const acceptance = (orderId: string) => ({ orderId, acceptedAt: readyBy, readyBy });
  const restaurant = { name: 'Ajanta', address: ajanta, menu: [] };
  const deliveryOf = (orderId: string) => run(({ deliveries }) => deliveries.find(orderId));

  /** Delivers a message as the broker does: again, as long as it is sent back, which two replicas that wait for each other do. */
  const settled = async (send: (arrival: Arrival) => Promise<Settlement>): Promise<void> => {
    const id = newId();
    let deliveryCount = 1;
    while ((await send({ id, deliveryCount })) !== 'acknowledged') deliveryCount += 1;
  };

  it('schedule a delivery whose restaurant is created while it finds none', async () => {
    const { orderId, restaurantId } = newStory();
    let creation: Promise<void> | undefined;
    await before(
      async (ports) => {
        await orderCreated(ports, orderId, order(restaurantId));
        await ticketAccepted(ports, acceptance(orderId));
      },
      async () => {
        creation = run((ports) => restaurantCreated(ports, restaurantId, restaurant));
        await someoneWaitsForALock();
      },
    );
    await creation;
    expect(await deliveryOf(orderId)).toHaveProperty('courierId');
  });

  it('schedule a delivery that becomes ready while its restaurant is being created', async () => {
    const { orderId, restaurantId } = newStory();
    let acceptances: Promise<void> | undefined;
    await before(
      (ports) => restaurantCreated(ports, restaurantId, restaurant),
      async () => {
        acceptances = run(async (ports) => {
          await orderCreated(ports, orderId, order(restaurantId));
          await ticketAccepted(ports, acceptance(orderId));
        });
        await someoneWaitsForALock();
      },
    );
    await acceptances;
    expect(await deliveryOf(orderId)).toHaveProperty('courierId');
  });

  it('schedule a delivery whose order and ticket arrive at the same moment', async () => {
    const { orderId, restaurantId } = newStory();
    await run((ports) => restaurantCreated(ports, restaurantId, restaurant));
    let acceptances: Promise<void> | undefined;
    await before(
      (ports) => orderCreated(ports, orderId, order(restaurantId)),
      async () => {
        acceptances = run((ports) => ticketAccepted(ports, acceptance(orderId)));
        await someoneWaitsForALock();
      },
    );
    await acceptances;
    expect(await deliveryOf(orderId)).toHaveProperty('courierId');
  });

  it('wait for each other instead of deadlocking when their batches overlap', async () => {
    const ids = [newId(), newId(), newId()];
    const [, middle = ''] = ids;
    const batch = (orderIds: readonly string[]): Promise<unknown> =>
      transactor.transaction(({ work, ports }) => {
        const { deliveries } = ports(work.scope(testContext()));
        return Promise.all(orderIds.map((id) => deliveries.merge(id, { readyBy })));
      });
    const batches: Promise<unknown>[] = [];
    // Both come as far as the delivery in the middle, if they can.
    await before(
      ({ deliveries }) => deliveries.merge(middle, { cancelled: true }),
      async () => {
        batches.push(batch(ids));
        await transactionsWait(1);
        batches.push(batch(ids.toReversed()));
        await transactionsWait(2);
      },
    );
    const outcomes = await Promise.allSettled(batches);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('give the only courier deliveries without waiting for each other, and make no other', async () => {
    const courierId = newId();
    await run(({ couriers }) => couriers.setAvailability(courierId, true));
    await before(
      ({ couriers }) => couriers.next(newId()),
      async (first) => {
        expect(first).toBe(courierId);
        expect(await run(({ couriers }) => couriers.next(newId()))).toBe(courierId);
      },
    );
    const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM couriers');
    expect(rows).toEqual([{ id: courierId }]);
  });

  it('give deliveries of one moment to different couriers', async () => {
    const both = [newId(), newId()];
    for (const id of both) await run(({ couriers }) => couriers.setAvailability(id, true));
    await before(
      ({ couriers }) => couriers.next(newId()),
      async (first) => {
        const second = await run(({ couriers }) => couriers.next(newId()));
        expect(new Set([first, second])).toEqual(new Set(both));
      },
    );
  });

  it('schedule every delivery once, however the messages fall into batches', async () => {
    const replicas = await Promise.all([1, 2, 3].map(() => startDeliveries(transactor)));
    const restaurantId = newId();
    const stories = Array.from({ length: 30 }, () => newStory(restaurantId));
    await Promise.all(
      replicas.flatMap((replica, index) => [
        ...(index === 1
          ? [settled((arrival) => replica.restaurantCreated(newStory(restaurantId), arrival))]
          : []),
        ...stories.flatMap((story, number) => [
          ...(number % 3 === index ? [settled((arrival) => replica.ticketAccepted(story, arrival))] : []),
          ...(number % 2 === index ? [settled((arrival) => replica.orderCreated(story, arrival))] : []),
        ]),
      ]),
    );
    const { rows } = await database.pool.query<{ actions: number }>(
      `SELECT count(action.delivery_id)::integer AS actions
       FROM deliveries LEFT JOIN courier_actions AS action
         ON action.delivery_id = deliveries.id AND action.courier_id = deliveries.courier_id
       WHERE restaurant_id = $1 GROUP BY deliveries.id`,
      [restaurantId],
    );
    expect(rows.map(({ actions }) => actions)).toEqual(stories.map(() => 2));
    await Promise.all(replicas.map(({ messages }) => messages.stop()));
  });
});
