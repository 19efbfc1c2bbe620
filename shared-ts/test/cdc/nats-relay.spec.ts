import { randomUUID } from 'node:crypto';
import { connect, type NatsConnection } from 'nats';
import { createWalRelay } from '../../src/cdc/wal-relay';
import type { Relay } from '../../src/cdc/relay';
import { NatsBroker } from '../../src/messaging/nats-broker';
import { createLogger } from '../../src/telemetry';
import { eventually, outboxDatabase, recordedLog, relayMetrics, type OutboxDatabase } from './support';

describe('the WAL relay and JetStream', () => {
  let database: OutboxDatabase;
  let broker: NatsBroker;
  let nats: NatsConnection;
  let relay: Relay;
  let channel: string;

  beforeEach(async () => {
    const url = process.env['FTGO_TEST_NATS'];
    if (!url) throw new Error('FTGO_TEST_NATS is not set');
    channel = `cdctest.${randomUUID()}`;
    database = await outboxDatabase();
    nats = await connect({ servers: url });
    const logger = createLogger({ serviceId: 'test-cdc', environment: 'test', level: 'silent' });
    broker = await NatsBroker.connect({ url, serviceId: 'test-cdc' }, logger);
    relay = createWalRelay({
      databaseUrl: database.url,
      relayId: 'test-cdc',
      slot: database.slot,
      publisher: broker,
      metrics: relayMetrics(),
      log: recordedLog(),
    });
    await relay.start();
    await eventually(() => expect(relay.status()).toEqual({ state: 'streaming' }));
  });

  afterEach(async () => {
    await relay.stop();
    await broker.close();
    await nats.close();
    await database.drop();
  });

  const stored = async (): Promise<{ headers: Record<string, string>; payload: unknown }[]> => {
    const jetStream = nats.jetstream();
    const consumer = await jetStream.consumers.get('FTGO', { filterSubjects: `ftgo.${channel}` });
    const messages = [];
    for await (const message of await consumer.fetch({ max_messages: 100, expires: 1_000 })) {
      const headers = Object.fromEntries(
        [...(message.headers ?? [])].map(([name, values]) => [name, values[0] ?? '']),
      );
      messages.push({ headers, payload: message.json<unknown>() });
      if (message.info.pending === 0) break;
    }
    return messages;
  };

  it('publishes rows with their headers, payload and message id', async () => {
    const id = randomUUID();
    await database.insert({ id, channel, headers: { 'ce-id': id, 'ce-type': 'größe' }, payload: { n: 1 } });
    await eventually(async () =>
      expect(await stored()).toEqual([
        { headers: { 'Nats-Msg-Id': id, 'ce-id': id, 'ce-type': 'größe' }, payload: { n: 1 } },
      ]),
    );
  });

  it('parks a message above the size limit with the later ones of its key, and the rest goes on', async () => {
    const limit = nats.info?.max_payload ?? 0;
    const tooLarge = randomUUID();
    await database.insert(
      { id: tooLarge, channel, key: 'a', payload: 'x'.repeat(limit) },
      { channel, key: 'a', payload: 'behind' },
      { channel, key: 'b', payload: 'good' },
    );
    await eventually(async () => {
      const { rows } = await database.pool.query('SELECT id, reason FROM outbox_parked ORDER BY position');
      expect(rows).toEqual([
        { id: tooLarge, reason: expect.stringMatching(/payload|bytes/i) as string },
        { id: expect.any(String) as string, reason: `behind ${tooLarge} of the same key` },
      ]);
    });
    await eventually(async () => expect((await stored()).map(({ payload }) => payload)).toEqual(['good']));
  });
});
