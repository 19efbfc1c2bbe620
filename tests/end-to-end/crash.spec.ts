import { randomInt, randomUUID } from 'node:crypto';
import { eventually } from '@ftgo/shared-ts/testing';
import { startTestFleet, type TestFleet } from './fleet';
import type { PlacedOrder } from './ftgo-api';
import { messageBooks } from './message-books';

/** How many orders come in around each kill. */
const ORDERS_PER_KILL = 12;
/** How long the fleet may take to get over everything, in milliseconds; generous because machines are noisy. */
const RECOVERY = 300_000;

let ftgo: TestFleet;
beforeAll(async () => {
  ftgo = await startTestFleet();
}, 300_000);
afterAll(() => ftgo.stop());

const shuffled = <T>(items: readonly T[]): T[] => {
  const rest = [...items];
  return items.flatMap(() => rest.splice(randomInt(rest.length), 1));
};

/** Groups of one to three. */
function groupsOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [];
  const size = randomInt(1, 4);
  return [items.slice(0, size), ...groupsOf(items.slice(size))];
}

/** Tries until the order is accepted; the same key makes one order of all tries. */
async function placeStubbornly(consumerId: string, restaurantId: string): Promise<PlacedOrder> {
  const key = randomUUID();
  return eventually(
    () => ftgo.api.placeOrder({ consumerId, restaurantId }, { 'Idempotency-Key': key }),
    RECOVERY,
  );
}

/** Kills what runs under this name, which is running again or was never down. */
async function kill(name: string): Promise<void> {
  await eventually(() => expect(ftgo.fleet.pid(name)).toBeDefined(), RECOVERY);
  ftgo.fleet.kill(name, 'SIGKILL');
}

/** How often an event happened to each order; `order` is where the event names it. */
async function countByOrder(database: string, type: string, order: string): Promise<Map<string, number>> {
  const text = `SELECT ${order} AS id, count(*)::int AS count FROM events WHERE type = '${type}' GROUP BY 1`;
  const rows = await ftgo.query<{ id: string; count: number }>(database, text);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

describe('after every process, the database and the broker were killed in the middle of a stream of orders', () => {
  const accepted: PlacedOrder[] = [];
  const killed: string[][] = [];
  const once = () => new Map(accepted.map(({ orderId }) => [orderId, 1]));

  beforeAll(async () => {
    const [consumerId, restaurantId] = await Promise.all([ftgo.api.consumer(), ftgo.api.restaurant()]);
    const victims = [...ftgo.fleet.members.map(({ name }) => name), 'postgres', 'nats'];
    for (const group of groupsOf(shuffled(victims))) {
      killed.push(group);
      const orders = Array.from({ length: ORDERS_PER_KILL }, () => placeStubbornly(consumerId, restaurantId));
      // Some orders are through by then, some under way.
      await Promise.race(orders);
      await Promise.all(group.map(kill));
      accepted.push(...(await Promise.all(orders)));
    }
    await ftgo.fleet.untilReady();
  }, 900_000);

  it('every accepted order is approved, in the end', async () => {
    await eventually(async () => {
      const approved = await countByOrder('ordering', 'orderapi.OrderApproved', 'aggregate_id::text');
      const waiting = accepted.filter(({ orderId }) => !approved.has(orderId));
      expect({ waiting, killed }).toEqual({ waiting: [], killed });
    }, RECOVERY);
    for (const { orderId } of accepted)
      expect(await ftgo.api.order(orderId)).toMatchObject({ state: 'Approved' });
  }, 600_000);

  it('each was placed, approved, put on a ticket and authorized exactly once', async () => {
    expect(await countByOrder('ordering', 'orderapi.OrderCreated', 'aggregate_id::text')).toEqual(once());
    expect(await countByOrder('ordering', 'orderapi.OrderApproved', 'aggregate_id::text')).toEqual(once());
    expect(await countByOrder('kitchen', 'kitchen.TicketOpened', "data->>'orderId'")).toEqual(once());
    expect(await countByOrder('kitchen', 'kitchenapi.TicketCreated', "data->>'orderId'")).toEqual(once());
    expect(await countByOrder('accounting', 'accounting.OrderAuthorized', 'aggregate_id::text')).toEqual(
      once(),
    );
  });

  it('every saga is completed', async () => {
    const states = 'SELECT DISTINCT state FROM sagas';
    await eventually(async () =>
      expect(await ftgo.query('ordering', states)).toEqual([{ state: 'COMPLETED' }]),
    );
  });

  it('outboxes and inboxes agree: what was sent was handled, nothing else was, and nothing was set aside', async () => {
    await eventually(async () => {
      const books = await messageBooks((database, text) => ftgo.query(database, text));
      expect(books).toEqual(
        books.map(({ receiver }) => ({ receiver, missing: [], unsent: [], deadLetters: 0 })),
      );
    }, RECOVERY);
  }, 600_000);

  it('the history knows every order as approved', async () => {
    for (const { orderId } of accepted)
      await ftgo.api.until(() => ftgo.api.history(orderId), { status: 'Approved', order_total: 2818 });
  }, 600_000);
});
