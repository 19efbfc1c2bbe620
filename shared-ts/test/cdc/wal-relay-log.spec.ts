import { randomUUID } from 'node:crypto';
import type { Relay } from '../../src/cdc/relay';
import { createWalRelay, type WalRelayOptions } from '../../src/cdc/wal-relay';
import {
  asAdmin,
  eventually,
  FakeBroker,
  insertRows,
  outboxDatabase,
  recordedLog,
  relayMetrics,
  type OutboxDatabase,
} from './support';

/** What others do to the log that the relay reads. */
describe('the WAL relay and what the log holds', () => {
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

  async function started(options: Partial<WalRelayOptions> = {}): Promise<Relay> {
    const relay = createWalRelay({
      databaseUrl: database.url,
      relayId: 'test-cdc',
      slot: database.slot,
      publisher: broker,
      metrics: relayMetrics(),
      log: recordedLog(),
      checkpointInterval: 50,
      ...options,
    });
    relays.push(relay);
    await relay.start();
    return relay;
  }

  async function streaming(options: Partial<WalRelayOptions> = {}): Promise<Relay> {
    const relay = await started(options);
    await eventually(() => expect(relay.status()).toEqual({ state: 'streaming' }));
    return relay;
  }

  it('lets the server remove log of which nothing is for it', async () => {
    await streaming();
    const position = await writeElsewhere();
    await eventually(async () => {
      // A slot's oldest log moves on with what the server notes of its running transactions, now and then.
      await asAdmin((client) => client.query('SELECT pg_log_standby_snapshot()'));
      const { rows } = await database.pool.query(
        `SELECT confirmed_flush_lsn >= $2::pg_lsn AS confirmed, restart_lsn >= $2::pg_lsn AS released
         FROM pg_replication_slots WHERE slot_name = $1`,
        [database.slot, position],
      );
      expect(rows).toEqual([{ confirmed: true, released: true }]);
    });
    expect(broker.tried.size).toBe(0);
  });

  it('publishes a transaction that was running when the slot was made', async () => {
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await insertRows(client, [{ payload: 'slow' }]);
    const relay = await started();
    await eventually(async () => expect(relay.status().state).toBe('catching-up'));
    await database.insert({ payload: 'quick' });
    await client.query('COMMIT');
    client.release();
    await eventually(() => expect(new Set(broker.payloads)).toEqual(new Set(['slow', 'quick'])));
  });

  it('publishes a transaction when it commits, however long it ran and though it was restarted meanwhile', async () => {
    const first = await streaming();
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await insertRows(client, [{ key: 'slow', payload: 'slow 1' }]);
    await database.insert({ payload: 'quick 1' });
    await eventually(() => expect(broker.payloads).toEqual(['quick 1']));
    await first.stop();
    await streaming();
    await insertRows(client, [{ key: 'slow', payload: 'slow 2' }]);
    await database.insert({ payload: 'quick 2' });
    await eventually(() => expect(broker.payloads).toContain('quick 2'));
    expect(broker.payloads).not.toContain('slow 1');
    await client.query('COMMIT');
    client.release();
    await eventually(() => expect(broker.payloads.slice(-2)).toEqual(['slow 1', 'slow 2']));
  });

  it('reads an outbox whose columns change, while it is at work and while it is down', async () => {
    const first = await streaming();
    await database.insert({ payload: 1 });
    await eventually(() => expect(broker.payloads).toEqual([1]));
    await database.pool.query(`ALTER TABLE outbox ADD COLUMN tenant text NOT NULL DEFAULT 'first'`);
    await database.insert({ payload: 2 });
    await eventually(() => expect(broker.payloads).toContain(2));

    await first.stop();
    await database.insert({ payload: 3 });
    // One column is gone, one is new, and one that the relay needs has moved to the end.
    await database.pool.query('ALTER TABLE outbox DROP COLUMN tenant, DROP COLUMN channel');
    await database.pool.query(
      `ALTER TABLE outbox ADD COLUMN region jsonb DEFAULT '{}', ADD COLUMN channel text NOT NULL DEFAULT 'old'`,
    );
    const id = randomUUID();
    await database.insert({ id, payload: 4 });
    await streaming();
    await eventually(() => expect(broker.payloads).toEqual(expect.arrayContaining([3, 4])));
    expect(broker.stored.find((message) => message.id === id)).toMatchObject({
      subject: 'ftgo.test.Thing',
      headers: { 'ce-type': 'test.Happened' },
    });
  });

  it('holds only so much of a huge transaction', async () => {
    await streaming({ limits: { messages: 500, bytes: 1_000_000 } });
    await database.pool.query(
      `INSERT INTO outbox (id, channel, partition_key, headers, payload)
       SELECT gen_random_uuid(), 'test.Thing', n::text, '{}', to_json(n) FROM generate_series(1, 100000) AS n`,
    );
    await eventually(() => expect(broker.stored).toHaveLength(100_000));
    expect(new Set(broker.payloads).size).toBe(100_000);
    // One chunk of the socket may come on top.
    expect(broker.mostInFlight).toBeLessThan(2_000);
  });

  /** Log traffic that is none of the relay's business. Gives the position after it. */
  const writeElsewhere = (): Promise<string | undefined> =>
    asAdmin(async (client) => {
      const { rows } = await client.query<{ lsn: string }>(
        `SELECT pg_logical_emit_message(false, 'elsewhere', repeat('x', 1000))::text AS lsn`,
      );
      return rows[0]?.lsn;
    });
});
