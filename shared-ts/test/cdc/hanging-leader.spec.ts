import { randomUUID } from 'node:crypto';
import type { Relay } from '../../src/cdc/relay';
import { createWalRelay, type WalRelayOptions } from '../../src/cdc/wal-relay';
import { NatsBroker } from '../../src/messaging/nats-broker';
import { createLogger } from '../../src/telemetry';
import { ownNats, type OwnNats } from '../messaging/own-nats';
import { startChild } from '../process/fixtures/child';
import { storedIds } from './stored-messages';
import {
  eventually,
  FakeBroker,
  outboxDatabase,
  proxyTo,
  recordedLog,
  relayMetrics,
  testIds,
  type OutboxDatabase,
} from './support';

/** Long enough for a busy machine, in milliseconds. */
const sessionTimeout = 3_000;

describe('a leader that hangs', () => {
  let database: OutboxDatabase;
  const relays: Relay[] = [];
  const endings: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    database = await outboxDatabase();
  });

  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    for (const end of endings.splice(0).reverse()) await end();
    await database.drop();
  });

  async function started(options: Pick<WalRelayOptions, 'publisher'> & Partial<WalRelayOptions>) {
    const relay = createWalRelay({
      databaseUrl: database.url,
      relayId: 'test-cdc',
      slot: database.slot,
      metrics: relayMetrics(),
      log: recordedLog(),
      drainTimeout: 0,
      sessionTimeout,
      ...options,
    });
    relays.push(relay);
    await relay.start();
    return relay;
  }

  const reaches = (relay: Relay, state: string): Promise<void> =>
    eventually(() => expect(relay.status().state).toBe(state));

  async function brokerOf(nats: OwnNats): Promise<NatsBroker> {
    const logger = createLogger({ serviceId: 'test-cdc', environment: 'test', level: 'silent' });
    const broker = await NatsBroker.connect({ url: nats.url, serviceId: 'test-cdc' }, logger);
    endings.push(() => broker.close());
    return broker;
  }

  // Windows can't stop a process for a while.
  (process.platform === 'win32' ? it.skip : it)(
    'gives way to a standby, and is its standby when it wakes',
    async () => {
      const nats = await ownNats();
      endings.push(() => nats.remove());
      const leader = startChild('../../cdc/fixtures/leader.ts', [], {
        PG_CONN: database.url,
        SLOT: database.slot,
        NATS_URL: nats.url,
        SESSION_TIMEOUT: String(sessionTimeout),
      });
      endings.push(() => {
        leader.signal('SIGKILL');
        return leader.ended;
      });
      await leader.wrote('relay streaming');
      const broker = await brokerOf(nats);
      const standby = await started({ publisher: broker });
      await reaches(standby, 'standby');

      const [before, meanwhile, after] = [testIds(5), testIds(5), testIds(5)];
      await database.insert(...before.map((id) => ({ id })));
      await eventually(async () => expect(await storedIds(nats.url)).toEqual(expect.arrayContaining(before)));
      leader.signal('SIGSTOP');
      await database.insert(...meanwhile.map((id) => ({ id })));
      await reaches(standby, 'streaming');
      await eventually(async () =>
        expect(await storedIds(nats.url)).toEqual(expect.arrayContaining(meanwhile)),
      );
      leader.signal('SIGCONT');
      await leader.wrote('relay standby');
      expect(standby.status().state).toBe('streaming');

      await standby.stop();
      await database.insert(...after.map((id) => ({ id })));
      const all = [...before, ...meanwhile, ...after].sort();
      await eventually(async () => expect((await storedIds(nats.url)).sort()).toEqual(all));
    },
  );

  it('notices by itself that its connections are dead, and leaves lock and slot to a standby', async () => {
    const broker = new FakeBroker();
    const proxy = await proxyTo(database.url);
    endings.push(() => proxy.cut());
    const log = recordedLog();
    const leader = await started({ publisher: broker, databaseUrl: proxy.url, log });
    await reaches(leader, 'streaming');
    const standby = await started({ publisher: broker });
    await reaches(standby, 'standby');

    proxy.freeze();
    const id = randomUUID();
    await database.insert({ id });
    await reaches(leader, 'connecting');
    await reaches(standby, 'streaming');
    await eventually(() => expect(broker.ids).toEqual([id]));
    expect(log.lines).toContainEqual(expect.stringContaining('relay session ended'));
  });

  it('writes down how far it came through the session that holds the lock, or not at all', async () => {
    await database.pool.query(`
      CREATE FUNCTION only_the_leader() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) THEN
          RAISE 'not the leader';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER only_the_leader BEFORE INSERT OR UPDATE ON relay_checkpoint
      FOR EACH ROW EXECUTE FUNCTION only_the_leader()`);
    const publishedBelow = async (): Promise<bigint> => {
      const { rows } = await database.pool.query<{ below: string }>(
        'SELECT published_below::text AS below FROM relay_checkpoint',
      );
      return BigInt(rows[0]?.below ?? 0);
    };
    const broker = new FakeBroker();
    const wal = await started({ publisher: broker, checkpointInterval: 10 });
    await reaches(wal, 'streaming');
    const atFirst = await publishedBelow();
    await eventually(async () => {
      await database.insert({});
      expect(await publishedBelow()).toBeGreaterThan(atFirst);
    });
  });
});
