import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { freePort } from '../../../scripts/src/fleet/ports';
import { startNats, type NatsServer } from '../../../scripts/src/infrastructure/nats';
import { PostgresParking } from '../../src/cdc/parking';
import type { Relay } from '../../src/cdc/relay';
import { publishParked } from '../../src/cdc/replay';
import { createWalRelay } from '../../src/cdc/wal-relay';
import { PublishError, type Publisher } from '../../src/messaging/broker';
import { NatsBroker } from '../../src/messaging/nats-broker';
import { createLogger } from '../../src/telemetry';
import { startChild } from '../process/fixtures/child';
import { storedMessages } from './stored-messages';
import {
  eventually,
  FakeBroker,
  outboxDatabase,
  recordedLog,
  relayMetrics,
  type OutboxDatabase,
} from './support';

describe('parked messages', () => {
  let database: OutboxDatabase;
  const relays: Relay[] = [];

  beforeEach(async () => {
    database = await outboxDatabase();
  });

  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await database.drop();
  });

  const options = (publisher: Publisher) => ({
    databaseUrl: database.url,
    relayId: 'test-cdc',
    slot: database.slot,
    publisher,
    metrics: relayMetrics(),
    log: recordedLog(),
  });

  async function streaming(publisher: Publisher): Promise<Relay> {
    const relay = createWalRelay(options(publisher));
    relays.push(relay);
    await relay.start();
    await eventually(() => expect(relay.status()).toEqual({ state: 'streaming' }));
    return relay;
  }

  const parked = async (): Promise<string[]> =>
    (await database.pool.query<{ id: string }>('SELECT id FROM outbox_parked ORDER BY position')).rows.map(
      ({ id }) => id,
    );

  const refusing = (id: string) => (message: { id: string }) => {
    if (message.id === id) throw new PublishError('too large', true);
  };

  it('are listed, and published by the operator once the broker takes them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ftgo-parked-'));
    const port = await freePort();
    const start = (maxPayload: number): Promise<NatsServer> =>
      startNats({ storeDir: join(folder, 'store'), port, maxPayload });
    let nats = await start(10_000);
    const logger = createLogger({ serviceId: 'test-cdc', environment: 'test', level: 'silent' });
    const broker = await NatsBroker.connect({ url: nats.url, serviceId: 'test-cdc' }, logger);
    const command = async (...args: string[]): Promise<string> => {
      const env = { PG_CONN: database.url, NATS_URL: nats.url };
      const { code, out, errors } = await startChild('../../cdc/fixtures/cdc.ts', args, env).ended;
      // The log does not get among what came of it.
      expect({ code, errors }).toEqual({ code: 0, errors: expect.stringContaining('stopped') as string });
      return out;
    };
    try {
      await streaming(broker);
      const large = 'x'.repeat(20_000);
      const [first, second] = [randomUUID(), randomUUID()];
      await database.insert(
        { id: first, key: 'k', payload: large },
        { id: second, key: 'k', payload: 'second' },
      );
      await eventually(async () => expect(await parked()).toEqual([first, second]));

      const list = (await command('parked')).trimEnd().split('\n');
      expect(list.map((line) => JSON.parse(line) as unknown)).toEqual([
        {
          id: first,
          channel: 'test.Thing',
          partition_key: 'k',
          parked_at: expect.any(String) as string,
          reason: expect.stringMatching(/payload/i) as string,
        },
        expect.objectContaining({ id: second, reason: `behind ${first} of the same key` }),
      ]);
      expect(await command('publish-parked')).toBe('0 messages published, 2 still parked\n');

      await nats.stop();
      nats = await start(1_000_000);
      expect(await command('publish-parked')).toBe('2 messages published, 0 still parked\n');
      expect(await command('parked')).toBe('');
      await database.insert({ key: 'k', payload: 'third' });
      await eventually(async () =>
        expect((await storedMessages(nats.url)).map(({ payload }) => payload)).toEqual([
          large,
          'second',
          'third',
        ]),
      );
    } finally {
      await Promise.all(relays.splice(0).map((relay) => relay.stop()));
      await broker.close();
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are published in the order of their key, also what a relay parks behind them meanwhile', async () => {
    const [poison, meanwhile] = [randomUUID(), randomUUID()];
    const relays = new FakeBroker();
    relays.onPublish = refusing(poison);
    await streaming(relays);
    await database.insert({ id: poison, key: 'k', payload: 1 }, { key: 'k', payload: 2 });
    await eventually(async () => expect(await parked()).toHaveLength(2));

    const operators = new FakeBroker();
    operators.onPublish = async ({ id }) => {
      if (id !== poison || (await parked()).includes(meanwhile)) return;
      await database.insert({ id: meanwhile, key: 'k', payload: 3 });
      await eventually(async () => expect(await parked()).toContain(meanwhile));
    };
    expect(await publishParked(options(operators))).toBe(3);
    expect(operators.payloads).toEqual([1, 2, 3]);
    expect(await parked()).toEqual([]);
    await database.insert({ key: 'k', payload: 4 });
    await eventually(() => expect(relays.payloads).toEqual([4]));
  });

  it('stay when they are refused again, with the later ones of their key, and the others go', async () => {
    const [poison, mended] = [randomUUID(), randomUUID()];
    const broker = new FakeBroker();
    broker.onPublish = () => {
      throw new PublishError('too large', true);
    };
    await streaming(broker);
    await database.insert(
      { id: poison, key: 'bad', payload: 1 },
      { key: 'bad', payload: 2 },
      { id: mended, key: 'good', payload: 3 },
    );
    await eventually(async () => expect(await parked()).toHaveLength(3));
    broker.onPublish = refusing(poison);
    expect(await publishParked(options(broker))).toBe(1);
    expect(broker.payloads).toEqual([3]);
    expect(await parked()).toHaveLength(2);
  });

  it('are published although the connections break that nobody uses at the moment', async () => {
    const refusal = new FakeBroker();
    refusal.onPublish = () => {
      throw new PublishError('too large', true);
    };
    await streaming(refusal);
    await database.insert({ payload: 1 });
    await eventually(async () => expect(await parked()).toHaveLength(1));

    const broker = new FakeBroker();
    let answer: (() => void) | undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    broker.onPublish = () => answered;
    const events = jest.spyOn(Pool.prototype, 'emit');
    const name = 'test-cdc replay';
    const operators = (): Pool | undefined =>
      events.mock.contexts.find((pool) => pool.options.application_name === name);
    const published = publishParked(options(broker));
    try {
      await eventually(() => expect(broker.tried.size).toBe(1));
      await eventually(() => expect(operators()?.idleCount).toBe(1));
      const { rowCount } = await database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = $1 AND datname = current_database()`,
        [name],
      );
      expect(rowCount).toBe(1);
      await eventually(() => expect(operators()?.totalCount).toBe(0));
    } finally {
      answer?.();
      events.mockRestore();
    }
    expect(await published).toBe(1);
    expect(broker.payloads).toEqual([1]);
    expect(await parked()).toEqual([]);
  });

  it('are taken out by an operator, and their key goes on', async () => {
    const broker = new FakeBroker();
    const relay = await streaming(broker);
    await database.insert({ key: 'bad', headers: ['no object'] });
    await eventually(async () => expect(await parked()).toHaveLength(1));
    await relay.stop();
    await streaming(broker);
    await database.pool.query('DELETE FROM outbox_parked');
    await database.insert({ key: 'bad', payload: 'again' });
    await eventually(() => expect(broker.payloads).toEqual(['again']));
  });

  it('keep the later ones of their key behind them when the relay starts again', async () => {
    const broker = new FakeBroker();
    const relay = await streaming(broker);
    await database.insert({ key: 'bad', headers: ['no object'] });
    await eventually(async () => expect(await parked()).toHaveLength(1));
    await relay.stop();
    await streaming(broker);
    await database.insert({ key: 'bad' });
    await eventually(async () => expect(await parked()).toHaveLength(2));
    expect(broker.tried.size).toBe(0);
  });

  it('are not joined by a message when the last one of its key is just leaving', async () => {
    const parking = new PostgresParking(database.pool);
    const record = (id: string, position: number) => ({
      id,
      channel: 'test.Thing',
      partitionKey: 'k',
      headers: '{}',
      payload: Buffer.from('1'),
      since: 0,
      transactionId: '1000',
      position: String(position),
    });
    await parking.park(record(randomUUID(), 1), 'too large');
    const leaving = await database.pool.connect();
    await leaving.query('BEGIN; DELETE FROM outbox_parked');
    let answered = false;
    const joins = parking.parkBehind(record(randomUUID(), 2)).finally(() => {
      answered = true;
    });
    await eventually(async () => {
      const { rowCount } = await database.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(answered || rowCount === 1).toBe(true);
    });
    await leaving.query('COMMIT');
    leaving.release();
    expect(await joins).toBe(false);
    expect(await parked()).toEqual([]);
  });
});
