import { join } from 'node:path';
import { newId, type Transactor } from '@ftgo/shared-ts';
import { PostgresSession, postgresTransactor } from '@ftgo/shared-ts/postgres';
import { eventually, freshDatabase, testContext, type TestDatabase } from '@ftgo/shared-ts/testing';
import { postgresPorts } from '../../src/adapters/ports';
import type { OrderHistoryPorts } from '../../src/application';
import { details } from '../event-stories';
import { anOrder, startOrderHistories } from '../order-histories';

describe('the order history on PostgreSQL', () => {
  let database: TestDatabase;
  let transactor: Transactor<OrderHistoryPorts>;

  beforeAll(async () => {
    database = await freshDatabase({ shared: ['inbox'], folder: join(__dirname, '../../migrations') });
    transactor = postgresTransactor(database.pool, 'order-history-service', postgresPorts);
  });
  afterAll(() => database.drop());
  afterEach(() => jest.restoreAllMocks());

  it('takes two statements to follow a batch of events, whatever they tell and of however many orders', async () => {
    const histories = await startOrderHistories(transactor);
    const sent = jest.spyOn(PostgresSession.prototype, 'query');
    const settled = await Promise.all(
      Array.from({ length: 25 }, () => anOrder()).flatMap((order) => [
        histories.created(order),
        histories.approved(order.orderId, { version: 2 }),
        histories.revised(order.orderId, { version: 4 }),
        histories.cancelled(order.orderId, { version: 6 }),
      ]),
    );
    expect(settled).toEqual(Array.from({ length: 100 }, () => 'acknowledged'));
    expect(sent.mock.calls.map(([{ name }]) => name)).toEqual(['inbox-enter-new', 'orders-merge']);
    await histories.messages.stop();
  });

  describe('when replicas have batches that overlap', () => {
    const transactionsThatWait = async (): Promise<number> => {
      const { rows } = await database.pool.query<{ waiting: number }>(
        `SELECT count(*)::integer AS waiting FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows[0]?.waiting ?? 0;
    };

    const told = (version: number) =>
      version === 1 ? ({ details, status: 'ApprovalPending' } as const) : ({ status: 'Approved' } as const);

    const batch = (orderIds: readonly string[], version: number): Promise<void> =>
      transactor.transaction(async ({ work, ports }) => {
        const { histories } = ports(work.scope(testContext()));
        for (const orderId of orderIds) await histories.merge(orderId, told(version), version);
      });

    /** Runs work while another transaction holds the order's rows. */
    const whileHeld = async (orderId: string | undefined, work: () => Promise<void>): Promise<void> => {
      const holder = await database.pool.connect();
      try {
        await holder.query('BEGIN');
        await holder.query('SELECT FROM order_items WHERE order_id = $1 FOR UPDATE', [orderId]);
        await holder.query('SELECT FROM orders WHERE id = $1 FOR UPDATE', [orderId]);
        await work();
      } finally {
        await holder.query('COMMIT');
        holder.release();
      }
    };

    it.each([
      ['orders that are created', 1],
      ['orders that are approved', 2],
    ])('lets them wait for each other instead of deadlocking: %s', async (_what, version) => {
      const orderIds = [newId(), newId(), newId()];
      await batch(orderIds, 1);
      const batches: Promise<void>[] = [];
      // Both come as far as the order in the middle, if they can.
      await whileHeld(orderIds[1], async () => {
        batches.push(batch(orderIds, version));
        await eventually(async () => expect(await transactionsThatWait()).toBe(1));
        batches.push(batch(orderIds.toReversed(), version));
        await eventually(async () => expect(await transactionsThatWait()).toBe(2));
      });
      const outcomes = await Promise.allSettled(batches);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    });
  });
});
