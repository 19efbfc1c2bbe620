import type { Relay } from '../../src/cdc/relay';
import { createWalRelay } from '../../src/cdc/wal-relay';
import { NatsBroker } from '../../src/messaging/nats-broker';
import { createLogger } from '../../src/telemetry';
import { connect } from 'nats';
import { ownNats, type OwnNats } from '../messaging/own-nats';
import { startChild } from '../process/fixtures/child';
import { storedIds } from './stored-messages';
import {
  eventually,
  outboxDatabase,
  recordedLog,
  relayMetrics,
  testIds,
  type OutboxDatabase,
} from './support';

describe('the WAL relay and a broker that fails', () => {
  let database: OutboxDatabase;
  let nats: OwnNats;
  let broker: NatsBroker;
  let relay: Relay;
  const metrics = relayMetrics();

  beforeEach(async () => {
    [database, nats] = await Promise.all([outboxDatabase(), ownNats()]);
    const logger = createLogger({ serviceId: 'test-cdc', environment: 'test', level: 'silent' });
    broker = await NatsBroker.connect({ url: nats.url, serviceId: 'test-cdc' }, logger);
    relay = createWalRelay({
      databaseUrl: database.url,
      relayId: 'test-cdc',
      slot: database.slot,
      publisher: broker,
      metrics,
      log: recordedLog(),
      limits: { messages: 100, bytes: 100_000 },
      drainTimeout: 0,
    });
    await relay.start();
    await eventually(() => expect(relay.status()).toEqual({ state: 'streaming' }));
  });

  afterEach(async () => {
    await relay.stop();
    await broker.close();
    await nats.remove();
    await database.drop();
  });

  it('loses nothing when the broker is down for longer than its buffers last, and holds no more than they', async () => {
    const held = jest.spyOn(metrics.inFlight, 'set');
    await nats.stop();
    await eventually(() => expect(broker.connected).toBe(false));
    const transactions = 20;
    const rowsOfEach = 250;
    for (let n = 0; n < transactions; n++) {
      await database.pool.query(
        `INSERT INTO outbox (id, channel, partition_key, headers, payload)
         SELECT gen_random_uuid(), 'test.Thing', gen_random_uuid(), '{}', to_json(repeat('x', 2000))
         FROM generate_series(1, $1)`,
        [rowsOfEach],
      );
    }
    await eventually(async () => expect((await metrics.inFlight.get()).values[0]?.value).toBeGreaterThan(40));
    await nats.start();
    await eventually(async () =>
      expect(new Set(await storedIds(nats.url)).size).toBe(transactions * rowsOfEach),
    );
    // What one look of the visibility gate lets through may come on top, besides a chunk of the socket.
    expect(Math.max(...held.mock.calls.map(([count]) => Number(count)))).toBeLessThan(1_500);
    held.mockRestore();
  });

  it('publishes again what the outbox retains, when the stream was deleted', async () => {
    const ids = testIds(50);
    const from = new Date(0).toISOString();
    await database.insert(...ids.map((id) => ({ id })));
    await eventually(async () => expect((await storedIds(nats.url)).sort()).toEqual([...ids].sort()));
    const operator = await connect({ servers: nats.url });
    await (await operator.jetstreamManager()).streams.delete('FTGO');
    await operator.close();

    const { code, out } = await startChild('../../cdc/fixtures/cdc.ts', ['replay', '--from', from], {
      PG_CONN: database.url,
      NATS_URL: nats.url,
      LOG_LEVEL: 'silent',
    }).ended;
    expect({ code, out }).toEqual({ code: 0, out: '50 messages published again\n' });
    expect((await storedIds(nats.url)).sort()).toEqual([...ids].sort());
    const [later = ''] = testIds(1);
    await database.insert({ id: later });
    await eventually(async () => expect(await storedIds(nats.url)).toContain(later));
  });
});
