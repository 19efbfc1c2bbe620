import { join } from 'node:path';
import { pino } from 'pino';
import { restaurantapi } from '@ftgo/serviceapis';
import { createWebServer, sagaMetrics, type WebServer } from '@ftgo/shared-ts';
import { isUnavailable, postgresTransactor } from '@ftgo/shared-ts/postgres';
import { createMetrics } from '@ftgo/shared-ts/telemetry';
import { freshDatabase, MessageDriver, type TestDatabase } from '@ftgo/shared-ts/testing';
import { orderCounters } from '../../src/adapters/order-metrics';
import { postgresPorts } from '../../src/adapters/ports';
import { eventHandlers } from '../../src/handlers/events';
import { routes } from '../../src/handlers/http';
import { ajanta, home, ids } from '../sample-orders';
import { order } from './api';

const AT_ONCE = 50;

let database: TestDatabase;
let web: WebServer;
let url: string;

beforeAll(async () => {
  database = await freshDatabase({
    shared: ['event-store', 'outbox', 'inbox', 'idempotency', 'sagas'],
    folder: join(__dirname, '../../migrations'),
  });
  const metrics = createMetrics('order-service');
  const ports = postgresPorts({ counters: orderCounters(metrics), sagas: sagaMetrics(metrics) });
  const transactor = postgresTransactor(database.pool, 'order-service', ports);
  const messages = new MessageDriver('order-service', transactor, eventHandlers);
  await messages.start();
  const menu = { name: ajanta.name, address: home, menu: [...ajanta.menu] };
  await messages.event(restaurantapi.RestaurantCreated, { id: ids.restaurant, version: 1 }, menu);
  await messages.stop();
  web = createWebServer({
    api: { info: { title: 'Orders', version: '1' }, routes: routes(transactor), isUnavailable },
    readiness: [],
    logger: pino({ level: 'silent' }),
    metrics,
  });
  url = `http://127.0.0.1:${await web.listen(0, '127.0.0.1')}/api/orders`;
});

afterAll(async () => {
  await web.close(0);
  await database.drop();
});

const post = async (key: string, body: object) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
};

const count = async (table: string): Promise<number> => {
  const { rows } = await database.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table}`,
  );
  return rows[0]?.count ?? 0;
};

const written = async () => ({ events: await count('events'), outbox: await count('outbox') });

describe('an Idempotency-Key on many connections at once', () => {
  it('makes one order, whose id is every answer', async () => {
    const before = await written();
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => post('same-key', order)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await written()).toEqual({ events: before.events + 1, outbox: before.outbox + 1 });
  });

  it('makes one order where two bodies have it: the first to come wins, the others are refused', async () => {
    const before = await written();
    const bodies = Array.from({ length: AT_ONCE }, (_, n) =>
      n % 2 === 0 ? order : { ...order, line_items: { lassi: 3 } },
    );
    const answers = await Promise.all(bodies.map((body) => post('two-bodies', body)));
    const made = answers.filter(({ status }) => status === 201);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(AT_ONCE / 2);
    expect(made).toHaveLength(AT_ONCE / 2);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    expect(await written()).toEqual({ events: before.events + 1, outbox: before.outbox + 1 });
  });
});
