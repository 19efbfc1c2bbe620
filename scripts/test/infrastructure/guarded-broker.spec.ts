import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NatsBroker, subjectOf } from '@ftgo/shared-ts/messaging';
import { createLogger } from '@ftgo/shared-ts/telemetry';
import { eventually } from '@ftgo/shared-ts/testing';
import { operator } from '../../src/infrastructure/broker-users';
import { temporaryFolder } from '../temporary-folder';
import { GuardedBroker } from './guarded-broker';

jest.setTimeout(120_000);

const message = (channel: string) => ({
  id: `message on ${channel}`,
  subject: subjectOf(channel),
  headers: {},
  data: Buffer.from('{}'),
});

describe('a broker that lets in only its users', () => {
  const folder = temporaryFolder(() => guarded.stop());
  const lines: string[] = [];
  const logger = createLogger({
    serviceId: 'test',
    environment: 'production',
    level: 'trace',
    destination: { write: (line) => void lines.push(line) },
  });
  let guarded: GuardedBroker;

  beforeEach(async () => {
    guarded = await GuardedBroker.start(folder);
    lines.length = 0;
  });
  afterEach(async () => {
    const manager = await (await guarded.connect(operator)).jetstreamManager();
    await manager.streams.delete('FTGO').catch(() => undefined);
    await guarded.stop();
  });

  it('has its stream made by a relay, and not by a service, which says that it is missing', async () => {
    await expect(guarded.broker('order-service', 'use')).rejects.toThrow('stream not found');
    await guarded.broker('order-cdc', 'make');
    await guarded.broker('order-service', 'use');
  });

  it('has its stream kept up to date by the operator, and by nobody else', async () => {
    await guarded.asOperator();
    const { streams } = await (await guarded.connect(operator)).jetstreamManager();
    const maxAge = async () => (await streams.info('FTGO')).config.max_age;
    const right = await maxAge();
    await streams.update('FTGO', { max_age: right / 2 });
    await guarded.broker('order-cdc', 'make');
    expect(await maxAge()).toBe(right / 2);
    await guarded.asOperator();
    expect(await maxAge()).toBe(right);
  });

  it('says that a message may not be published, at once and for good', async () => {
    const relay = await guarded.broker('kitchen-cdc', 'make', logger);
    await relay.publish(message('kitchenservice.Ticket'));
    await expect(relay.publish(message('accountingservice'))).rejects.toMatchObject({
      name: 'PublishError',
      permanent: true,
      message: expect.stringMatching(
        /^ftgo\.accountingservice was not published: this user may not publish to it/,
      ),
    });
    await eventually(() =>
      expect(lines.join('')).toContain('"operation":"publish","subject":"ftgo.accountingservice"'),
    );
  });

  it('says that a channel may not be listened to', async () => {
    await guarded.asOperator();
    const service = await guarded.broker('kitchen-service', 'use');
    const subscribing = service.subscribe({
      durable: 'kitchen-service_accountingservice',
      subject: 'ftgo.accountingservice',
      maxInFlight: 1,
      onDelivery: () => undefined,
    });
    await expect(subscribing).rejects.toThrow(
      /Permissions Violation for Publish to "\$JS\.API\.CONSUMER\.CREATE\.FTGO\.kitchen-service_accountingservice/,
    );
  });

  it('turns a wrong password away at once, without waiting for a better time', async () => {
    const url = guarded.url('order-cdc', 'wrong');
    await expect(NatsBroker.connect({ url, serviceId: 'order-cdc' }, logger)).rejects.toMatchObject({
      code: 'AUTHORIZATION_VIOLATION',
    });
  });

  it('is not given up when it changes a password and changes it back', async () => {
    const relay = await guarded.broker('order-cdc', 'make', logger);
    const { port } = guarded.server;
    const refusals = () =>
      readFileSync(join(folder, 'nats.log'), 'utf8').match(/authentication error/g) ?? [];
    try {
      await guarded.server.stop();
      guarded = await GuardedBroker.start(folder, port, 'another-password-of');
      const before = refusals().length;
      // Twice refused is when the client library gives up of its own accord.
      await eventually(() => expect(refusals().length).toBeGreaterThan(before + 3), 20_000);
      expect(lines.filter((line) => line.includes('AUTHORIZATION_VIOLATION'))).toHaveLength(1);
      await guarded.stop();
      guarded = await GuardedBroker.start(folder, port);
      await eventually(() => expect(relay.connected).toBe(true));
      await relay.publish(message('orderservice.Order'));
    } finally {
      await relay.close();
    }
  });
});
