import { connect, headers as natsHeaders, type JetStreamManager, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { notFound } from '../../src/domain';
import { newId } from '../../src/ids';
import {
  headersByName,
  MessageConsumer,
  messageMetrics,
  NatsBroker,
  NotYetKnown,
  onCommand,
  STREAM,
  type Delivery,
  type MessageHandler,
  type Subscriber,
} from '../../src/messaging';
import { isUnavailable, postgresDeadLetters, postgresTransactor } from '../../src/postgres';
import { createMetrics } from '../../src/telemetry';
import { eventually, freshDatabase, testContext, type TestDatabase } from '../../src/testing';
import { added, postgresPorts, sharedSchema, type TestPorts } from '../unit-of-work/test-ports';
import { Add, addToTally } from './consumer-harness';
import { deleteConsumer, ownNats, type OwnNats } from './own-nats';

const Later = { ...Add, name: 'testapi.Later' };
const Cut = { ...Add, name: 'testapi.Cut' };
const logger = pino({ level: 'silent' });

describe('a consumer on NATS and PostgreSQL', () => {
  let server: OwnNats;
  let database: TestDatabase;
  let broker: NatsBroker;
  let other: NatsConnection;
  let manager: JetStreamManager;
  let consumer: MessageConsumer<TestPorts>;
  const deliveries: Delivery[] = [];
  /** Ids of messages whose first acknowledgement is lost. */
  const lostAcknowledgements = new Set<string>();
  const known = new Set<string>();
  const cut = new Set<string>();

  const transactor = () => postgresTransactor(database.pool, 'test-service', postgresPorts);
  const handlers: readonly MessageHandler<TestPorts>[] = [
    addToTally,
    onCommand<TestPorts, typeof Later>(Later, async ({ tallies }, { payload }) => {
      if (!known.has(payload.tallyId)) throw new NotYetKnown(notFound('tally', payload.tallyId));
      await tallies.update(payload.tallyId, () => [added(payload.amount)]);
    }),
    // The database ends every connection while the first try is under way.
    onCommand<TestPorts, typeof Cut>(Cut, async ({ tallies }, { payload }) => {
      await tallies.update(payload.tallyId, () => [added(payload.amount)]);
      if (cut.has(payload.tallyId)) return;
      cut.add(payload.tallyId);
      await database.pool.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [database.name],
      );
    }),
  ];

  /** The broker, but a process that ends between commit and acknowledgement is played by an acknowledgement that is lost. */
  const forgetful = (): Subscriber => ({
    connected: true,
    subscribe: (options) =>
      broker.subscribe({
        ...options,
        onDelivery: (delivery) => {
          deliveries.push(delivery);
          const lost = lostAcknowledgements.delete(headersByName(delivery.headers)['ce-id'] ?? '');
          // Asked for again at once, instead of when the broker's patience ends.
          if (lost) delivery.ack = () => delivery.nak();
          options.onDelivery(delivery);
        },
      }),
  });

  beforeAll(async () => {
    [server, database] = await Promise.all([ownNats(), freshDatabase(sharedSchema)]);
    broker = await NatsBroker.connect({ url: server.url, serviceId: 'test-service' }, logger);
    other = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    manager = await other.jetstreamManager();
    consumer = new MessageConsumer({
      serviceId: 'test-service',
      channels: ['testservice'],
      handlers,
      subscriber: forgetful(),
      transactor: transactor(),
      deadLetters: postgresDeadLetters(database.pool),
      isUnavailable,
      logger,
      metrics: messageMetrics(createMetrics('test-service')),
    });
    await consumer.start();
  });
  afterAll(async () => {
    await consumer.stop();
    await broker.close();
    await other.close();
    await Promise.all([server.remove(), database.drop()]);
  });

  async function publish(
    name: string,
    tallyId: string,
    amount = 1,
    id = newId(),
    brokerId = id,
  ): Promise<string> {
    await broker.publish({
      id: brokerId,
      subject: 'ftgo.testservice',
      headers: {
        'ce-id': id,
        'ce-type': name,
        'ce-messagekind': 'command',
        'ce-partitionkey': tallyId,
        'ce-replyto': 'test.Saga.reply',
      },
      data: Buffer.from(JSON.stringify({ tallyId, amount })),
    });
    return id;
  }
  const total = (id: string): Promise<number> =>
    transactor().execute(testContext(), async ({ tallies }) => (await tallies.load(id)).state.total);
  const replies = async (id: string): Promise<number> => {
    const rows = await transactor().execute(testContext(), (ports) => ports.outboxRows());
    return rows.filter(({ headers }) => headers['ce-inreplyto'] === id).length;
  };
  const deadLetters = async (id: string): Promise<unknown[]> =>
    (await database.pool.query('SELECT error, attempts FROM dead_letters WHERE message_id = $1', [id])).rows;
  const deliveriesOf = (id: string): number =>
    deliveries.filter(({ headers }) => headersByName(headers)['ce-id'] === id).length;
  /** Waits until the broker has nothing left to deliver and no acknowledgement to wait for. */
  const settled = () =>
    eventually(async () => {
      const info = await manager.consumers.info(STREAM, 'test-service_testservice');
      expect({ pending: info.num_pending, unacknowledged: info.num_ack_pending }).toEqual({
        pending: 0,
        unacknowledged: 0,
      });
    });

  it('has one effect when a message was published twice', async () => {
    const [tallyId, id] = [newId(), newId()];
    for (let copy = 0; copy < 3; copy++) await publish(Add.name, tallyId, 1, id, newId());
    await settled();
    expect(deliveriesOf(id)).toBe(3);
    expect(await total(tallyId)).toBe(1);
  });

  it('has one effect when its acknowledgement was lost after the commit', async () => {
    const [tallyId, id] = [newId(), newId()];
    lostAcknowledgements.add(id);
    await publish(Add.name, tallyId, 1, id);
    await eventually(() => expect(deliveriesOf(id)).toBe(2));
    await settled();
    expect(await total(tallyId)).toBe(1);
  });

  it('handles a heap of messages, each once and those of a key in their order', async () => {
    const tallyIds = Array.from({ length: 20 }, () => newId());
    const amounts = Array.from({ length: 15 }, (_, index) => index + 1);
    for (const amount of amounts)
      await Promise.all(tallyIds.map((tallyId) => publish(Add.name, tallyId, amount)));
    await settled();
    for (const tallyId of tallyIds) {
      const { rows } = await database.pool.query<{ data: { amount: number } }>(
        'SELECT data FROM events WHERE aggregate_id = $1 ORDER BY version',
        [tallyId],
      );
      expect(rows.map(({ data }) => data.amount)).toEqual(amounts);
    }
  });

  it('sets poison aside after five tries, and handles what came with it', async () => {
    const [tallyId, poisoned] = [newId(), newId()];
    const [poison] = await Promise.all([
      publish(Add.name, poisoned, -1),
      ...Array.from({ length: 10 }, () => publish(Add.name, tallyId)),
    ]);
    await eventually(async () =>
      expect(await deadLetters(poison)).toEqual([{ error: 'poison', attempts: 5 }]),
    );
    await settled();
    expect(deliveriesOf(poison)).toBe(5);
    expect(await total(tallyId)).toBe(10);
    expect(await total(poisoned)).toBe(0);
    const { rows } = await database.pool.query('SELECT FROM message_attempts WHERE message_id = $1', [
      poison,
    ]);
    expect(rows).toEqual([]);
  });

  it('sets aside at once what is no message at all', async () => {
    const headers = natsHeaders();
    headers.set('ce-id', newId());
    await other.jetstream().publish('ftgo.testservice', Buffer.from('garbage'), { headers });
    await settled();
    expect(await deadLetters(headers.get('ce-id'))).toMatchObject([{ attempts: 1 }]);
    expect(deliveriesOf(headers.get('ce-id'))).toBe(1);
  });

  it('handles a message that had to wait for another when that has come', async () => {
    const tallyId = newId();
    const id = await publish(Later.name, tallyId);
    await eventually(() => expect(deliveriesOf(id)).toBeGreaterThanOrEqual(2));
    known.add(tallyId);
    await eventually(async () => expect(await total(tallyId)).toBe(1));
    await settled();
    expect(await deadLetters(id)).toEqual([]);
  });

  it('waits for a database that ended every connection under it, without counting a try', async () => {
    const tallyId = newId();
    const id = await publish(Cut.name, tallyId);
    await eventually(async () => expect(await replies(id)).toBe(1));
    await settled();
    expect(await total(tallyId)).toBe(1);
    expect(deliveriesOf(id)).toBe(1);
    expect(await deadLetters(id)).toEqual([]);
  });

  it('goes on when the broker was restarted', async () => {
    const tallyId = newId();
    await publish(Add.name, tallyId);
    await server.stop();
    await eventually(() => expect(broker.connected).toBe(false));
    await server.start();
    await eventually(() => expect(broker.connected).toBe(true));
    await publish(Add.name, tallyId);
    await eventually(async () => expect(await total(tallyId)).toBe(2));
  });

  it('goes on when the durable consumer was deleted', async () => {
    const tallyId = newId();
    await settled();
    await deleteConsumer(manager, STREAM, 'test-service_testservice');
    await publish(Add.name, tallyId);
    await eventually(async () => expect(await total(tallyId)).toBe(1));
  });

  it('goes on when the stream was deleted and made again', async () => {
    const tallyId = newId();
    await settled();
    await manager.streams.delete(STREAM);
    await eventually(() => publish(Add.name, tallyId));
    await eventually(async () => expect(await total(tallyId)).toBe(1));
    await settled();
  });
});
