import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startPostgres,
  removePostgresData,
  type PostgresServer,
} from '../../../scripts/src/infrastructure/postgres';
import type { Relay } from '../../src/cdc/relay';
import { createWalRelay } from '../../src/cdc/wal-relay';
import { PublishError } from '../../src/messaging/broker';
import {
  asAdmin,
  eventually,
  FakeBroker,
  insertRows,
  outboxDatabase,
  recordedLog,
  relayMetrics,
  testIds,
  type OutboxDatabase,
  type RecordedLog,
} from './support';

/** These need a server of their own, since they stop it or change what it does for all its databases. */
describe('the WAL relay and a server that fails', () => {
  let folder: string;
  let port: number;
  let server: PostgresServer;
  let database: OutboxDatabase;
  let broker: FakeBroker;
  let log: RecordedLog;
  let relay: Relay;

  const start = (): Promise<PostgresServer> =>
    startPostgres({
      dataDir: join(folder, 'data'),
      port,
      password: 'secret',
      settings: { max_slot_wal_keep_size: '16MB', shared_buffers: '16MB', checkpoint_timeout: '1h' },
    });

  const startRelay = async (): Promise<void> => {
    relay = createWalRelay({
      databaseUrl: database.url,
      relayId: 'test-cdc',
      slot: database.slot,
      publisher: broker,
      metrics: relayMetrics(),
      log,
      drainTimeout: 0,
    });
    await relay.start();
    await eventually(() => expect(relay.status()).toEqual({ state: 'streaming' }));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ftgo-cdc-'));
    port = await freePort();
    server = await start();
  });

  afterAll(async () => {
    await server.stop();
    removePostgresData(join(folder, 'data'));
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    database = await outboxDatabase(server.url);
    broker = new FakeBroker();
    log = recordedLog();
    await startRelay();
  });

  afterEach(async () => {
    await relay.stop();
    await database.drop();
  });

  it('loses nothing when the server has given up its slot', async () => {
    await relay.stop();
    const ids = testIds(3);
    await database.insert(...ids.map((id) => ({ id })));
    await asAdmin(async (client) => {
      for (let segment = 0; segment < 4; segment++) {
        await client.query(`SELECT pg_logical_emit_message(true, 'filler', 'x')`);
        await client.query('SELECT pg_switch_wal()');
      }
      await client.query('CHECKPOINT');
      const { rows } = await client.query(
        'SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1',
        [database.slot],
      );
      expect(rows).toEqual([{ wal_status: 'lost' }]);
    }, server.url);
    await startRelay();
    await eventually(() => expect(broker.ids.sort()).toEqual([...ids].sort()));
    expect(log.lines).toContainEqual(expect.stringContaining('the replication slot is unusable'));
  });

  it('does not hold up a shutdown of the server while the broker is away', async () => {
    broker.onPublish = () => {
      throw new PublishError('not connected', false);
    };
    const id = randomUUID();
    await database.insert({ id });
    await eventually(() => expect(broker.tried.size).toBe(1));
    server.process.kill('SIGINT');
    expect(await server.exited).toMatchObject({ code: 0 });
    server = await start();
    broker.onPublish = () => undefined;
    await eventually(() => expect(broker.ids).toEqual([id]));
  });

  it('publishes nothing that other connections can not see yet', async () => {
    // A commit is in the log before its rows can be seen. A standby that does not exist makes that last.
    const wait = (standby: string) =>
      asAdmin(async (client) => {
        await client.query('SET synchronous_commit = local');
        await client.query(`ALTER SYSTEM SET synchronous_standby_names = '${standby}'`);
        await client.query('SELECT pg_reload_conf()');
      }, server.url);
    const insertUnseen = async (): Promise<{ unseen: string; inserted: Promise<void> }> => {
      for (;;) {
        const unseen = randomUUID();
        let done = false;
        const inserted = database.insert({ id: unseen }).then(() => {
          done = true;
        });
        await eventually(async () => {
          const { rowCount } = await database.pool.query(
            `SELECT FROM pg_stat_activity WHERE datname = current_database()
             AND wait_event = 'SyncRep' AND query LIKE 'INSERT INTO outbox%'`,
          );
          expect(done || rowCount === 1).toBe(true);
        });
        // Until all of the server's processes have read the setting, a commit does not wait yet.
        if (!done) return { unseen, inserted };
      }
    };
    await wait('nobody');
    const behind = randomUUID();
    const { unseen, inserted } = await insertUnseen();
    try {
      const client = await database.pool.connect();
      await client.query('SET synchronous_commit = local');
      await insertRows(client, [{ id: behind }]);
      const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
      client.release(true);
      await eventually(async () => {
        const sent = await database.pool.query(
          "SELECT FROM pg_stat_replication WHERE application_name = 'test-cdc' AND sent_lsn >= $1::pg_lsn",
          [rows[0]?.lsn],
        );
        expect(sent.rowCount).toBe(1);
      });
      expect([broker.tried.has(unseen), broker.tried.has(behind)]).toEqual([false, false]);
    } finally {
      await wait('');
    }
    await inserted;
    await eventually(() => expect(broker.ids.slice(-2)).toEqual([unseen, behind]));
  });

  it('loses nothing when the server is killed', async () => {
    const ids = testIds(20);
    broker.onPublish = () => {
      throw new PublishError('not connected', false);
    };
    await database.insert(...ids.map((id) => ({ id })));
    await eventually(() => expect(broker.tried.size).toBe(20));
    server.kill('SIGKILL');
    await server.exited;
    broker.onPublish = () => undefined;
    server = await start();
    await eventually(() => expect(broker.ids.sort()).toEqual([...ids].sort()));
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
