import { randomUUID } from 'node:crypto';
import { Backlog } from '../../src/cdc/backlog';
import { createPollingRelay, type PollingRelayOptions } from '../../src/cdc/polling-relay';
import type { Relay } from '../../src/cdc/relay';
import { replayOutbox } from '../../src/cdc/replay';
import { createSlot, dropSlot } from '../../src/cdc/slot';
import { createWalRelay } from '../../src/cdc/wal-relay';
import { PublishError } from '../../src/messaging/broker';
import {
  eventually,
  FakeBroker,
  insertRows,
  outboxDatabase,
  recordedLog,
  relayMetrics,
  type OutboxDatabase,
} from './support';

describe('the polling relay', () => {
  let database: OutboxDatabase;
  let broker: FakeBroker;
  let relays: Relay[];

  beforeEach(async () => {
    database = await outboxDatabase();
    broker = new FakeBroker();
    relays = [];
  });

  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await database.drop();
  });

  const common = () => ({
    databaseUrl: database.url,
    relayId: 'test-cdc',
    slot: database.slot,
    publisher: broker,
    metrics: relayMetrics(),
    log: recordedLog(),
    checkpointInterval: 10,
  });

  async function started(options: Partial<PollingRelayOptions> = {}): Promise<Relay> {
    const relay = createPollingRelay({ ...common(), pollInterval: 5, ...options });
    relays.push(relay);
    await relay.start();
    return relay;
  }

  async function polling(options: Partial<PollingRelayOptions> = {}): Promise<Relay> {
    const relay = await started(options);
    await eventually(() => expect(relay.status()).toEqual({ state: 'polling' }));
    return relay;
  }

  it('publishes what was written before and after its start', async () => {
    await database.insert({ key: 'k', payload: 1 });
    await polling();
    await database.insert({ key: 'k', payload: 'zwei ☕' });
    await eventually(() => expect(broker.payloads).toEqual([1, 'zwei ☕']));
  });

  it('loses no row of a transaction that commits after later ones', async () => {
    await polling();
    const slow = await database.pool.connect();
    await slow.query('BEGIN');
    await insertRows(slow, [{ payload: 'slow' }]);
    await database.insert({ payload: 'quick' });
    const looks = jest.spyOn(Backlog.prototype, 'newerThan');
    await eventually(() => expect(looks.mock.calls.length).toBeGreaterThan(2));
    looks.mockRestore();
    await slow.query('COMMIT');
    slow.release();
    await eventually(() => expect(new Set(broker.payloads)).toEqual(new Set(['slow', 'quick'])));
  });

  it('loses nothing while many write at once, and publishes nothing twice', async () => {
    await polling();
    const writers = Array.from({ length: 5 }, async (_, writer) => {
      for (let n = 0; n < 40; n++) {
        const client = await database.pool.connect();
        await client.query('BEGIN');
        await insertRows(client, [{ key: `w${writer}`, payload: `${writer}-${n}-a` }]);
        // Each writes at a pace of its own, so that they commit in another order than they began in.
        for (let pause = (n + writer) % 4; pause > 0; pause--) await client.query('SELECT');
        await insertRows(client, [{ key: `w${writer}`, payload: `${writer}-${n}-b` }]);
        await client.query('COMMIT');
        client.release();
      }
    });
    await Promise.all(writers);
    await eventually(() => expect(broker.stored.length).toBeGreaterThanOrEqual(400));
    expect(new Set(broker.payloads).size).toBe(400);
    expect(broker.stored).toHaveLength(400);
  });

  it('keeps the order of a key when a transaction got its id before it waited for its turn', async () => {
    const [early, bystander] = [await database.pool.connect(), await database.pool.connect()];
    for (const client of [early, bystander]) await client.query('BEGIN; SELECT pg_current_xact_id()');
    await database.insert({ key: 'k', payload: 'first' });
    await insertRows(early, [{ key: 'k', payload: 'second' }]);
    await early.query('COMMIT');
    early.release();
    await polling();
    // That another transaction runs, with an id between the two, delays nobody.
    await eventually(() => expect(broker.payloads).toEqual(['first', 'second']));
    await bystander.query('COMMIT');
    bystander.release();
  });

  it('loses no row of a transaction that ran across a restart', async () => {
    const first = await polling();
    const slow = await database.pool.connect();
    await slow.query('BEGIN');
    await insertRows(slow, [{ payload: 'slow' }]);
    await database.insert({ payload: 'quick' });
    await eventually(() => expect(broker.payloads).toEqual(['quick']));
    await first.stop();
    await slow.query('COMMIT');
    slow.release();
    await polling();
    await eventually(() => expect(broker.payloads).toContain('slow'));
  });

  it('publishes more than a page, in order', async () => {
    await database.pool.query(
      `INSERT INTO outbox (id, channel, partition_key, headers, payload)
       SELECT gen_random_uuid(), 'test.Thing', 'k', '{}', to_json(n) FROM generate_series(1, 1000) AS n`,
    );
    await polling({ limits: { messages: 50, bytes: 1_000_000 } });
    await eventually(() => expect(broker.stored).toHaveLength(1000));
    expect(broker.payloads).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1));
  });

  it('goes on where it left off', async () => {
    const first = await polling();
    await database.insert({ payload: 'before' });
    await eventually(() => expect(broker.payloads).toEqual(['before']));
    await first.stop();
    await database.insert({ payload: 'after' });
    await polling();
    await eventually(() => expect(broker.payloads).toContain('after'));
    // What was published while other transactions ran may come again.
    expect(broker.ids).toHaveLength(2);
  });

  it('publishes again what it can not know to be published after a crash', async () => {
    const stuck = randomUUID();
    broker.onPublish = (message) => {
      if (message.id === stuck) throw new PublishError('time-out', false);
    };
    const first = await polling({ drainTimeout: 0 });
    await database.insert({ id: stuck });
    await database.insert({ payload: 'passes' });
    await eventually(() => expect(broker.payloads).toEqual(['passes']));
    await first.stop();
    broker.onPublish = () => undefined;
    await polling();
    await eventually(() => expect(broker.has(stuck)).toBe(true));
  });

  it('is a standby of the relay that is at work, whatever its mode', async () => {
    const wal = createWalRelay(common());
    relays.push(wal);
    await wal.start();
    await eventually(() => expect(wal.status().state).toBe('streaming'));
    const second = await started();
    await eventually(() => expect(second.status().state).toBe('standby'));
    await database.insert({ payload: 1 });
    await eventually(() => expect(broker.payloads).toEqual([1]));
    await wal.stop();
    await eventually(() => expect(second.status().state).toBe('polling'));
    await database.insert({ payload: 2 });
    await eventually(() => expect(broker.payloads).toContain(2));
  });

  it('warns of a slot that the WAL mode has left', async () => {
    await createSlot(database.pool, database.slot);
    const log = recordedLog();
    await polling({ log });
    expect(log.lines).toContainEqual(expect.stringContaining(database.slot));
  });

  it('keeps measuring how much log is retained for that slot', async () => {
    await createSlot(database.pool, database.slot);
    const metrics = relayMetrics();
    const retained = async (): Promise<number> => (await metrics.retainedWal.get()).values[0]?.value ?? 0;
    await polling({ metrics, retentionInterval: 10 });
    const before = await retained();
    await database.pool.query("SELECT pg_logical_emit_message(false, 'test', repeat('x', 100000))");
    await eventually(async () => expect(await retained()).toBeGreaterThan(before + 100_000));
    await dropSlot(database.pool, database.slot);
    await eventually(async () => expect(await retained()).toBe(0));
  });

  it('can publish again what the outbox retains since a time', async () => {
    await polling();
    await database.insert({ payload: 'old' });
    const { rows } = await database.pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const from = new Date((rows[0]?.now.getTime() ?? 0) + 1);
    await eventually(async () => {
      const later = await database.pool.query<{ later: boolean }>('SELECT clock_timestamp() > $1 AS later', [
        from,
      ]);
      expect(later.rows[0]?.later).toBe(true);
    });
    await database.insert({ payload: 'new 1' }, { payload: 'new 2' });
    await eventually(() => expect(broker.stored).toHaveLength(3));
    broker.forget();
    const count = await replayOutbox({ ...common(), from });
    expect(count).toBe(2);
    expect(new Set(broker.payloads)).toEqual(new Set(['new 1', 'new 2']));
  });

  it('publishes nothing again that services may have forgotten, though its day is kept for a parked message', async () => {
    const ages = { parked: 20, forgotten: 20, remembered: 12 };
    for (const [payload, days] of Object.entries(ages)) {
      await database.pool.query(
        `INSERT INTO outbox (created_at, id, channel, partition_key, headers, payload)
         VALUES (now() - make_interval(days => $1), gen_random_uuid(), 'test.Thing', $2, '{}', to_json($2::text))`,
        [days, payload],
      );
    }
    await database.pool.query(
      `INSERT INTO outbox_parked (id, transaction_id, position, partition_key, channel, reason)
       SELECT id, transaction_id, position, partition_key, channel, 'too large' FROM outbox WHERE partition_key = 'parked'`,
    );
    expect(await replayOutbox({ ...common(), from: new Date(0) })).toBe(1);
    expect(broker.payloads).toEqual(['remembered']);
  });
});
