import { connect as dial, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { newId } from '../../src/ids';
import { NatsBroker, PublishError, STREAM, type BrokerMessage, type Delivery } from '../../src/messaging';
import { FIRST_PAUSE } from '../../src/saga/advance';
import { eventually } from '../../src/testing';
import { deleteConsumer, ownNats, type OwnNats } from './own-nats';

const MAX_PAYLOAD = 64 * 1024;
const logger = pino({ level: 'silent' });

const message = (overrides: Partial<BrokerMessage> = {}): BrokerMessage => ({
  id: newId(),
  subject: 'ftgo.testservice.Thing',
  headers: { 'ce-type': 'testapi.Happened' },
  data: Buffer.from('{}'),
  ...overrides,
});

/** The only way to a server, which can be made to look frozen: it takes what it is sent, and answers nothing. */
async function proxyTo(server: string) {
  const { hostname, port } = new URL(server);
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  let unanswered = '';
  const listener = createServer((socket) => {
    const upstream = dial(Number(port), hostname);
    sockets.add(socket);
    upstreams.add(upstream);
    socket.on('close', () => sockets.delete(socket) && upstream.destroy());
    // An end that is cut off is what these tests are about; the close that follows is enough.
    for (const end of [socket, upstream]) end.on('error', () => undefined);
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    url: `nats://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    sockets,
    freeze: () => {
      for (const upstream of upstreams) upstream.unpipe();
      for (const socket of sockets) socket.on('data', (data) => (unanswered += data.toString()));
    },
    /** What it was sent since it is frozen. */
    unanswered: () => unanswered,
    close: () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}

describe('the broker', () => {
  let server: OwnNats;
  let broker: NatsBroker;
  let other: NatsConnection;
  let manager: JetStreamManager;
  beforeAll(async () => {
    server = await ownNats(MAX_PAYLOAD);
    broker = await NatsBroker.connect({ url: server.url, serviceId: 'test-service' }, logger);
    other = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    manager = await other.jetstreamManager();
  });
  afterAll(async () => {
    await broker.close();
    await other.close();
    await server.remove();
  });

  const last = () => manager.streams.getMessage(STREAM, { last_by_subj: 'ftgo.testservice.Thing' });
  const stored = async (): Promise<number> => (await manager.streams.info(STREAM)).state.messages;
  const failureOf = (publication: Promise<void>): Promise<unknown> =>
    publication.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('makes the stream as the fleet needs it', async () => {
    const { config } = await manager.streams.info(STREAM);
    expect(config).toMatchObject({
      subjects: ['ftgo.>'],
      storage: 'file',
      retention: 'limits',
      discard: 'old',
    });
    expect(config.max_age).toBeGreaterThan(0);
    expect(config.max_bytes).toBeGreaterThan(0);
    expect(config.duplicate_window).toBeGreaterThanOrEqual(2 * 60 * 1e9);
    // Or a saga's command that is sent again would reach nobody.
    expect(config.duplicate_window).toBeLessThan(FIRST_PAUSE * 1e6);
  });

  it('leaves a stream alone that is there already', async () => {
    await broker.publish(message());
    const before = await stored();
    const second = await NatsBroker.connect({ url: server.url, serviceId: 'another-service' }, logger);
    await second.close();
    expect(await stored()).toBe(before);
  });

  describe('publishes', () => {
    it('exactly the headers and the bytes, and the id', async () => {
      const data = Buffer.from('{"b": 1,  "a":"größe 🍕"}');
      const headers = {
        'content-type': 'application/json',
        'ce-id': newId(),
        'ce-type': 'größe',
        'ce-subject': 'with: colon and  spaces',
        traceparent: '00-aa-bb-01',
      };
      await broker.publish(message({ id: headers['ce-id'], headers, data }));
      const { header, data: bytes } = await last();
      expect(Object.fromEntries([...header].map(([name, [value]]) => [name, value]))).toEqual({
        ...headers,
        'Nats-Msg-Id': headers['ce-id'],
      });
      expect(Buffer.from(bytes)).toEqual(data);
    });

    it('a message of the same id once', async () => {
      const before = await stored();
      const twice = message();
      await broker.publish(twice);
      await broker.publish(twice);
      expect(await stored()).toBe(before + 1);
    });
  });

  describe('refuses for good', () => {
    it.each<[string, Partial<BrokerMessage>]>([
      ['a payload that is too large', { data: Buffer.alloc(MAX_PAYLOAD + 1) }],
      ['a payload that is too large with its headers', { data: Buffer.alloc(MAX_PAYLOAD - 10) }],
      ['a header that breaks the line', { headers: { 'ce-type': 'a\r\nce-id: b' } }],
      ['a header whose name is none', { headers: { 'ce type:': 'a' } }],
      ['an empty subject', { subject: '' }],
    ])('%s', async (_what, overrides) => {
      const before = await stored();
      const error = await failureOf(broker.publish(message(overrides)));
      expect(error).toBeInstanceOf(PublishError);
      expect(error).toMatchObject({ permanent: true });
      expect(await stored()).toBe(before);
    });
  });

  it('takes the next message when the stream was deleted, after a failure that trying again helps', async () => {
    await manager.streams.delete(STREAM);
    const lost = message();
    expect(await failureOf(broker.publish(lost))).toMatchObject({ name: 'PublishError', permanent: false });
    await broker.publish(lost);
    expect(await stored()).toBe(1);
  });

  it('makes a stream that was deleted once, however many messages are on their way to it', async () => {
    const looking = jest.spyOn(
      NatsBroker.prototype as unknown as { makeStream(): Promise<void> },
      'makeStream',
    );
    try {
      await manager.streams.delete(STREAM);
      const failures = await Promise.all(
        Array.from({ length: 10 }, () => failureOf(broker.publish(message()))),
      );
      expect(failures.map((error) => (error as PublishError).message)).toEqual(
        Array(10).fill('the stream was missing'),
      );
      expect(looking).toHaveBeenCalledTimes(1);
      await broker.publish(message());
      expect(await stored()).toBe(1);
    } finally {
      looking.mockRestore();
    }
  });

  it('hands a message over as it was published, and again when it is asked to', async () => {
    const received: Pick<Delivery, 'subject' | 'headers' | 'deliveryCount'>[] = [];
    const subscription = await broker.subscribe({
      durable: 'reader',
      subject: 'ftgo.reading.*',
      maxInFlight: 10,
      onDelivery: (delivery) => {
        const { subject, headers, deliveryCount } = delivery;
        received.push({ subject, headers, deliveryCount });
        if (deliveryCount === 1) delivery.nak(1);
        else delivery.ack();
      },
    });
    const sent = message({ subject: 'ftgo.reading.one', headers: { 'ce-type': 'größe' } });
    await broker.publish(message({ subject: 'ftgo.elsewhere.one' }));
    await broker.publish(sent);
    const headers = ['Nats-Msg-Id', sent.id, 'ce-type', 'größe'];
    await eventually(() =>
      expect(received).toEqual([
        { subject: 'ftgo.reading.one', headers, deliveryCount: 1 },
        { subject: 'ftgo.reading.one', headers, deliveryCount: 2 },
      ]),
    );
    await eventually(async () =>
      expect((await manager.consumers.info(STREAM, 'reader')).num_ack_pending).toBe(0),
    );
    await subscription.stop();
  });

  it('has acknowledged what it was told to when it is closed', async () => {
    const leaving = await NatsBroker.connect({ url: server.url, serviceId: 'leaving-service' }, logger);
    const taken: Delivery[] = [];
    const subscription = await leaving.subscribe({
      durable: 'leaving',
      subject: 'ftgo.leaving',
      maxInFlight: 10,
      onDelivery: (delivery) => taken.push(delivery),
    });
    await broker.publish(message({ subject: 'ftgo.leaving' }));
    await eventually(() => expect(taken).toHaveLength(1));
    await subscription.stop();
    taken[0]?.ack();
    await leaving.close();
    const { num_ack_pending, ack_floor } = await manager.consumers.info(STREAM, 'leaving');
    expect({ num_ack_pending, acknowledged: ack_floor.stream_seq }).toEqual({
      num_ack_pending: 0,
      acknowledged: taken[0]?.streamSequence,
    });
  });

  it('can be told to stop while a subscription is being made again', async () => {
    const subscription = await broker.subscribe({
      durable: 'stopped',
      subject: 'ftgo.stopping',
      maxInFlight: 10,
      onDelivery: () => undefined,
    });
    await deleteConsumer(manager, STREAM, 'stopped');
    await subscription.stop();
  });

  it('says that it is disconnected, fails at once without losing hope, and connects again by itself', async () => {
    expect(broker.connected).toBe(true);
    await server.stop();
    await eventually(() => expect(broker.connected).toBe(false));
    const early = message();
    // Not by a time-out: the client would keep the message, and drop it when it is connected again.
    expect(await failureOf(broker.publish(early))).toMatchObject({
      name: 'PublishError',
      message: 'the broker is not connected',
      permanent: false,
    });
    await server.start();
    await eventually(() => expect(broker.connected).toBe(true));
    await broker.publish(early);
    await eventually(async () => expect((await last()).header.get('Nats-Msg-Id')).toBe(early.id));
  });

  it('leaves no connection behind when it can not make the stream at its start', async () => {
    const making = jest.spyOn(
      NatsBroker.prototype as unknown as { makeStream(): Promise<void> },
      'makeStream',
    );
    making.mockRejectedValueOnce(new Error('JetStream is not there yet'));
    const proxy = await proxyTo(server.url);
    try {
      const connecting = NatsBroker.connect({ url: proxy.url, serviceId: 'test-service' }, logger);
      await expect(connecting).rejects.toThrow('not there yet');
      await eventually(() => expect(proxy.sockets.size).toBe(0));
    } finally {
      making.mockRestore();
      proxy.close();
    }
  });

  it('closes when the server does not answer any more, before the client library has found that out', async () => {
    const proxy = await proxyTo(server.url);
    try {
      const leaving = await NatsBroker.connect({ url: proxy.url, serviceId: 'test-service' }, logger);
      proxy.freeze();
      await leaving.close();
      await eventually(() => expect(proxy.sockets.size).toBe(0));
      // The library gives the connection up after two unanswered pings of its own; one more is the close's.
      expect(proxy.unanswered().match(/PING/g)?.length).toBeLessThan(3);
    } finally {
      proxy.close();
    }
  });
});
