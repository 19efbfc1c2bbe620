import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { eventually } from '@ftgo/shared-ts/testing';
import { startTestFleet, type TestFleet } from './fleet';
import { READY_BY, type Answer } from './ftgo-api';

/** How many sagas may be under way here. */
const LIMIT = 10;
/** How many orders are asked for at once. */
const FLOOD = 100;

const address = { street1: '1 High Street', city: 'Oakland', state: 'CA', zip: '94612' };

let ftgo: TestFleet;
let consumerId: string;
let restaurantId: string;
beforeAll(async () => {
  ftgo = await startTestFleet({
    envFor: { 'order-service': { SAGA_MAX_UNDER_WAY: String(LIMIT), PG_POOL_SIZE: '1' } },
  });
  [consumerId, restaurantId] = await Promise.all([ftgo.api.consumer(), ftgo.api.restaurant()]);
}, 300_000);
afterAll(() => ftgo?.stop());

const ask = (key: string = randomUUID()): Promise<Answer> => {
  const body = {
    consumer_id: consumerId,
    restaurant_id: restaurantId,
    delivery_time: READY_BY,
    delivery_address: address,
    line_items: { curry: 1 },
  };
  return ftgo.api.send('order-service', 'POST', '/api/orders', body, { 'Idempotency-Key': key });
};

const askForMany = (): Promise<Answer[]> => Promise.all(Array.from({ length: FLOOD }, () => ask()));

/** The ids of the orders that were accepted. */
const acceptedOf = (answers: readonly Answer[]): string[] =>
  answers.filter(({ status }) => status === 201).map(({ body }) => (body as { id: string }).id);

const isRefusal = ({ status, body, retryAfter }: Answer): boolean =>
  status === 503 && retryAfter === '1' && (body as { code?: string }).code === 'OVERLOADED';

describe('more orders than the fleet can work on', () => {
  const accepted: string[] = [];

  it('are accepted up to the limit while sagas wait, and refused beyond it', async () => {
    await ftgo.fleet.stopProcess('kitchen-service');
    const answers = await askForMany();
    accepted.push(...acceptedOf(answers));
    expect(accepted).toHaveLength(LIMIT);
    expect(answers.filter(isRefusal)).toHaveLength(FLOOD - LIMIT);
    // Neither the start of the sagas nor a new look at their number makes room.
    await eventually(async () =>
      expect(await ftgo.query('ordering', 'SELECT DISTINCT state, step FROM sagas')).toEqual([
        { state: 'RUNNING', step: 2 },
      ]),
    );
    expect((await askForMany()).filter(isRefusal)).toHaveLength(FLOOD);
  }, 300_000);

  it('do not keep the service from answering everything else', async () => {
    expect(await ftgo.api.order(accepted[0] ?? '')).toMatchObject({ state: 'ApprovalPending' });
    expect((await ftgo.api.send('order-service', 'GET', '/ready')).status).toBe(200);
  });

  it('are refused by a service that was started again, too', async () => {
    await ftgo.fleet.stopProcess('order-service');
    await ftgo.fleet.startProcess('order-service');
    await eventually(async () =>
      expect(await ftgo.api.send('order-service', 'GET', '/ready')).toMatchObject({ status: 200 }),
    );
    expect((await askForMany()).filter(isRefusal)).toHaveLength(FLOOD);
  }, 300_000);

  it('are accepted again by themselves when sagas end, and all that was accepted is approved, once', async () => {
    await ftgo.fleet.startProcess('kitchen-service');
    const key = randomUUID();
    const late = await eventually(async () => {
      const answer = await ask(key);
      expect(answer.status).toBe(201);
      return answer;
    });
    accepted.push(...acceptedOf([late]));
    for (const id of accepted) await ftgo.api.untilOrderIs(id, 'Approved');
    const events = await ftgo.query<{ id: string; type: string; count: number }>(
      'ordering',
      'SELECT aggregate_id::text AS id, type, count(*)::int AS count FROM events GROUP BY 1, 2 ORDER BY 1, 2',
    );
    const each = [...accepted].sort().flatMap((id) => [
      { id, type: 'orderapi.OrderApproved', count: 1 },
      { id, type: 'orderapi.OrderCreated', count: 1 },
    ]);
    expect(events).toEqual(each);
  }, 300_000);
});

describe('requests that have all the connections that there are for requests', () => {
  it('do not hold up the messages of orders that were accepted before', async () => {
    await ftgo.fleet.stopProcess('kitchen-service');
    const [orderId = ''] = acceptedOf([
      await eventually(async () => {
        const answer = await ask();
        expect(answer.status).toBe(201);
        return answer;
      }),
    ]);
    const lock = new Client({ connectionString: ftgo.fleet.databaseUrl('ordering') });
    await lock.connect();
    try {
      await lock.query('BEGIN; LOCK TABLE restaurants');
      const held = ask();
      await eventually(async () =>
        expect(
          await ftgo.query(
            'ordering',
            `SELECT FROM pg_locks WHERE NOT granted AND relation = 'restaurants'::regclass`,
          ),
        ).toHaveLength(1),
      );
      await ftgo.fleet.startProcess('kitchen-service');
      await eventually(async () =>
        expect(
          await ftgo.query('ordering', 'SELECT type FROM events WHERE aggregate_id = $1 AND version = 2', [
            orderId,
          ]),
        ).toEqual([{ type: 'orderapi.OrderApproved' }]),
      );
      await lock.query('COMMIT');
      expect(await held).toMatchObject({ status: 201 });
    } finally {
      await lock.end();
    }
  }, 300_000);
});
