import { randomUUID } from 'node:crypto';
import type { Relay } from '../../src/cdc/relay';
import { ReplicationStream } from '../../src/cdc/replication-stream';
import { createSlot } from '../../src/cdc/slot';
import { createWalRelay, type WalRelayOptions } from '../../src/cdc/wal-relay';
import { PublishError } from '../../src/messaging/broker';
import {
  asAdmin,
  eventually,
  FakeBroker,
  insertRows,
  outboxDatabase,
  proxyTo,
  recordedLog,
  relayMetrics,
  testIds,
  type OutboxDatabase,
} from './support';

describe('the WAL relay', () => {
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

  function relay(options: Partial<WalRelayOptions> = {}): Relay {
    const made = createWalRelay({
      databaseUrl: database.url,
      relayId: 'test-cdc',
      slot: database.slot,
      publisher: broker,
      metrics: relayMetrics(),
      log: recordedLog(),
      checkpointInterval: 50,
      ...options,
    });
    relays.push(made);
    return made;
  }

  async function streaming(options: Partial<WalRelayOptions> = {}): Promise<Relay> {
    const started = relay(options);
    await started.start();
    await eventually(() => expect(started.status()).toEqual({ state: 'streaming' }));
    return started;
  }

  const slotPosition = (): Promise<string> =>
    asAdmin(async (client) => {
      const { rows } = await client.query<{ lsn: string }>(
        'SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = $1',
        [database.slot],
      );
      return rows[0]?.lsn ?? 'none';
    });

  const logPosition = async (): Promise<string> => {
    const { rows } = await database.pool.query<{ lsn: string }>(
      'SELECT pg_current_wal_insert_lsn()::text AS lsn',
    );
    return rows[0]?.lsn ?? '';
  };

  const slotHasPassed = async (position: string): Promise<boolean | undefined> => {
    const { rows } = await database.pool.query<{ passed: boolean }>(
      'SELECT confirmed_flush_lsn >= $2::pg_lsn AS passed FROM pg_replication_slots WHERE slot_name = $1',
      [database.slot, position],
    );
    return rows[0]?.passed;
  };

  const dropSlot = (): Promise<unknown> =>
    eventually(() =>
      asAdmin((client) => client.query('SELECT pg_drop_replication_slot($1)', [database.slot])),
    );

  it('publishes a row as it was written', async () => {
    await streaming();
    const id = randomUUID();
    await database.insert({
      id,
      channel: 'orderservice.Order',
      headers: { 'ce-type': 'orderapi.OrderCreated', 'ce-subject': 'größe' },
      payload: { name: 'Crème brûlée', n: 1 },
    });
    await eventually(() => expect(broker.stored).toHaveLength(1));
    expect(broker.stored[0]).toMatchObject({
      id,
      subject: 'ftgo.orderservice.Order',
      headers: { 'ce-type': 'orderapi.OrderCreated', 'ce-subject': 'größe' },
    });
    expect(broker.payloads).toEqual([{ name: 'Crème brûlée', n: 1 }]);
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    await streaming();
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await insertRows(client, [{ payload: 'never' }]);
    await client.query('ROLLBACK');
    client.release();
    await database.insert({ payload: 'after' });
    await eventually(() => expect(broker.payloads).toEqual(['after']));
  });

  it('publishes what was written before its slot was made', async () => {
    await database.insert({ key: 'k', payload: 1 }, { key: 'k', payload: 2 });
    await streaming();
    await database.insert({ key: 'k', payload: 3 });
    await eventually(() => expect(broker.payloads).toEqual([1, 2, 3]));
  });

  it('loses nothing when it is killed while messages are under way', async () => {
    broker.onPublish = () => new Promise(() => undefined);
    const ids = testIds(50);
    await streaming({ drainTimeout: 0 }).then(async (first) => {
      await database.insert(...ids.map((id) => ({ id })));
      await eventually(() => expect(broker.tried.size).toBe(50));
      await first.stop();
    });
    broker.onPublish = () => undefined;
    await streaming();
    await eventually(() => expect(broker.ids.sort()).toEqual([...ids].sort()));
  });

  it('confirms nothing behind a message that is not published yet', async () => {
    const first = await streaming({ drainTimeout: 0 });
    const [stuck, passes] = [randomUUID(), randomUUID()];
    broker.onPublish = (message) => {
      if (message.id === stuck) throw new PublishError('time-out', false);
    };
    await database.insert({ id: stuck });
    const behindStuck = await logPosition();
    await database.insert({ id: passes });
    await eventually(() => expect(broker.ids).toEqual([passes]));
    // Its last words to the server are what it may confirm.
    await first.stop();
    expect(await slotHasPassed(behindStuck)).toBe(false);
    broker.onPublish = () => undefined;
    await streaming();
    await eventually(async () => expect(await slotHasPassed(behindStuck)).toBe(true));
    expect(broker.has(stuck)).toBe(true);
  });

  it('loses nothing when its slot is dropped while it is down', async () => {
    const first = await streaming();
    await database.insert({ payload: 'before' });
    await eventually(() => expect(broker.payloads).toEqual(['before']));
    await first.stop();
    const ids = testIds(3);
    await database.insert(...ids.map((id) => ({ id })));
    await dropSlot();
    await streaming();
    await eventually(() => expect(broker.ids).toEqual(expect.arrayContaining(ids)));
  });

  it('does not publish again what it published long before its slot was lost', async () => {
    const first = await streaming();
    await database.insert({ payload: 'old' });
    // Other databases' transactions may hold the checkpoint back for a moment; it moves on with what is published.
    await eventually(async () => {
      await database.insert({ payload: 'between' });
      const { rows } = await database.pool.query(
        `SELECT FROM relay_checkpoint WHERE published_below >
           (SELECT transaction_id FROM outbox WHERE payload::text = '"old"')`,
      );
      expect(rows).toHaveLength(1);
    });
    await first.stop();
    await dropSlot();
    expect(broker.payloads).toContain('old');
    broker.forget();
    await database.insert({ payload: 'new' });
    await streaming();
    await eventually(() => expect(broker.payloads).toContain('new'));
    expect(broker.payloads).not.toContain('old');
  });

  it('publishes the backlog even if it died between making its slot and the end of the backlog', async () => {
    const ids = testIds(5);
    await database.insert(...ids.map((id) => ({ id })));
    broker.connected = false;
    const first = relay({ drainTimeout: 0 });
    await first.start();
    await eventually(async () => expect(await slotPosition()).not.toBe('none'));
    await first.stop();
    broker.connected = true;
    await streaming();
    await eventually(() => expect(broker.ids.sort()).toEqual([...ids].sort()));
  });

  it('connects again when the server ends its connections', async () => {
    await streaming();
    await asAdmin((client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = $1 AND application_name = 'test-cdc'`,
        [database.name],
      ),
    );
    await database.insert({ payload: 'after' });
    await eventually(() => expect(broker.payloads).toEqual(['after']));
  });

  it('is a hot standby of another one and takes over from it', async () => {
    const first = await streaming();
    const second = relay();
    await second.start();
    await eventually(() => expect(second.status().state).toBe('standby'));
    expect(second.status().reason).toContain('another relay');
    await first.stop();
    await eventually(() => expect(second.status()).toEqual({ state: 'streaming' }));
    await database.insert({ payload: 'after' });
    await eventually(() => expect(broker.payloads).toEqual(['after']));
  });

  it('waits while a connection that nobody watches any more still holds the slot', async () => {
    await createSlot(database.pool, database.slot);
    const left = new ReplicationStream({
      databaseUrl: database.url,
      slot: database.slot,
      publication: 'ftgo_outbox',
      applicationName: 'left',
      sessionTimeout: 15_000,
      listener: { onMessage: () => undefined, onKeepalive: () => undefined },
    });
    await left.open();
    const second = relay();
    await second.start();
    await eventually(() => expect(second.status().reason).toContain('is in use'));
    expect(second.status().state).toBe('standby');
    await database.insert({ payload: 'waits too' });
    await left.close();
    await eventually(() => expect(second.status()).toEqual({ state: 'streaming' }));
    await eventually(() => expect(broker.payloads).toEqual(['waits too']));
  });

  it('takes over from one whose connections were cut, with what that one had not published', async () => {
    const proxy = await proxyTo(database.url);
    await streaming({ databaseUrl: proxy.url, drainTimeout: 0 });
    const second = relay();
    await second.start();
    await eventually(() => expect(second.status().state).toBe('standby'));
    broker.onPublish = () => {
      throw new PublishError('time-out', false);
    };
    const id = randomUUID();
    await database.insert({ id });
    await eventually(() => expect(broker.tried).toContain(id));
    await proxy.cut();
    broker.onPublish = () => undefined;
    await eventually(() => expect(second.status()).toEqual({ state: 'streaming' }));
    await eventually(() => expect(broker.ids).toEqual([id]));
  });

  it('parks a message that can not be published with the later ones of its key, and publishes all others', async () => {
    const poison = randomUUID();
    broker.onPublish = (message) => {
      if (message.id === poison) throw new PublishError('too large', true);
    };
    await streaming();
    await database.insert({ key: 'bad', payload: 'fine' });
    await database.insert(
      { id: poison, key: 'bad' },
      { key: 'bad', payload: 'behind' },
      { key: 'good', payload: 'good' },
    );
    await database.insert({ key: 'bad', payload: 'later' });
    await eventually(async () => expect(await parked()).toHaveLength(3));
    expect((await parked())[0]).toEqual({ id: poison, reason: 'too large' });
    expect((await parked())[1]?.reason).toBe(`behind ${poison} of the same key`);
    await eventually(() => expect(broker.payloads).toEqual(['fine', 'good']));
  });

  const parked = async (): Promise<{ id: string; reason: string }[]> =>
    (
      await database.pool.query<{ id: string; reason: string }>(
        'SELECT id, reason FROM outbox_parked ORDER BY position',
      )
    ).rows;
});
