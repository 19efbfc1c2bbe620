import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { durableOf } from '@ftgo/shared-ts/messaging';
import { connect, type NatsConnection } from 'nats';
import { authorization, operator, passwordVariable } from '../../src/infrastructure/broker-users';
import { processes } from '../../src/fleet/processes';
import { temporaryFolder } from '../temporary-folder';
import { GuardedBroker, outcomeOf } from './guarded-broker';

jest.setTimeout(120_000);

/** Who publishes on a channel and who listens to it, as the contract has it. */
const traffic: readonly { channel: string; publishers: string[]; listeners: string[] }[] = [
  { channel: 'accountingservice', publishers: ['order-cdc'], listeners: ['accounting-service'] },
  { channel: 'consumerservice', publishers: ['order-cdc'], listeners: ['consumer-service'] },
  { channel: 'kitchenservice', publishers: ['order-cdc'], listeners: ['kitchen-service'] },
  { channel: 'orderservice', publishers: ['order-cdc'], listeners: ['order-service'] },
  { channel: 'restaurantservice', publishers: [], listeners: ['restaurant-service'] },
  { channel: 'consumerservice.Consumer', publishers: ['consumer-cdc'], listeners: ['accounting-service'] },
  { channel: 'kitchenservice.Ticket', publishers: ['kitchen-cdc'], listeners: ['delivery-service'] },
  {
    channel: 'orderservice.Order',
    publishers: ['order-cdc'],
    listeners: ['delivery-service', 'order-history-service', 'order-service'],
  },
  {
    channel: 'restaurantservice.Restaurant',
    publishers: ['restaurant-cdc'],
    listeners: ['delivery-service', 'kitchen-service', 'order-service'],
  },
  {
    channel: 'orderservice.CreateOrderSaga.reply',
    publishers: ['accounting-cdc', 'consumer-cdc', 'kitchen-cdc', 'order-cdc'],
    listeners: [],
  },
  {
    channel: 'orderservice.CancelOrderSaga.reply',
    publishers: ['accounting-cdc', 'kitchen-cdc', 'order-cdc'],
    listeners: [],
  },
  {
    channel: 'orderservice.ReviseOrderSaga.reply',
    publishers: ['accounting-cdc', 'kitchen-cdc', 'order-cdc'],
    listeners: [],
  },
  { channel: 'orderservice.*.reply', publishers: [], listeners: ['order-service'] },
];
const listening = traffic.flatMap(({ channel, listeners }) =>
  listeners.map((owner) => ({ owner, channel, durable: durableOf(owner, channel) })),
);
const names = processes.map(({ id }) => id);
const refused = 'PERMISSIONS_VIOLATION';

const consumerConfig = (durable: string, filter: string) => ({
  stream_name: 'FTGO',
  config: { durable_name: durable, filter_subject: filter, ack_policy: 'explicit' },
});

describe('the users of the broker', () => {
  const folder = temporaryFolder(() => broker.stop());
  let broker: GuardedBroker;
  const connections = new Map<string, NatsConnection>();
  const as = (name: string): NatsConnection => {
    const connection = connections.get(name);
    if (connection === undefined) throw new Error(`${name} is no user`);
    return connection;
  };

  beforeAll(async () => {
    broker = await GuardedBroker.start(folder);
    const made = await broker.asOperator();
    for (const name of [...names, operator]) connections.set(name, await broker.connect(name));
    for (const { owner, channel } of listening) {
      const service = await broker.broker(owner, 'use');
      const subscription = await service.subscribe({
        durable: durableOf(owner, channel),
        subject: `ftgo.${channel}`,
        maxInFlight: 1,
        onDelivery: (delivery) => delivery.ack(),
      });
      await subscription.stop();
    }
    expect((await made.consumerLags()).map(({ consumer }) => consumer).sort()).toEqual(
      listening.map(({ durable }) => durable).sort(),
    );
  });

  it.each(traffic.filter(({ channel }) => !channel.includes('*')))(
    'publish on $channel only where they are $publishers',
    async ({ channel, publishers }) => {
      const allowed: string[] = [];
      for (const name of names) {
        const outcome = await outcomeOf(as(name), `ftgo.${channel}`, '{}');
        if (outcome === 'answered') allowed.push(name);
        else expect({ name, outcome }).toEqual({ name, outcome: refused });
      }
      expect(allowed.sort()).toEqual([...publishers].sort());
    },
  );

  it.each(listening)('leave the consumer $durable to $owner', async ({ owner, channel, durable }) => {
    const config = consumerConfig(durable, `ftgo.${channel}`);
    const attempts: readonly (readonly [string, unknown])[] = [
      [`$JS.API.CONSUMER.INFO.FTGO.${durable}`, ''],
      [`$JS.API.CONSUMER.CREATE.FTGO.${durable}.ftgo.${channel}`, config],
      [`$JS.API.CONSUMER.MSG.NEXT.FTGO.${durable}`, { batch: 1, no_wait: true }],
      [`$JS.API.CONSUMER.CREATE.FTGO.${durable}`, config],
      [`$JS.API.CONSUMER.DURABLE.CREATE.FTGO.${durable}`, config],
      [`$JS.API.CONSUMER.DELETE.FTGO.${durable}`, ''],
      [`$JS.ACK.FTGO.${durable}.1.1.1.1.0`, '+TERM'],
    ];
    for (const name of names.filter((other) => other !== owner)) {
      for (const [subject, body] of attempts) {
        const outcome = await outcomeOf(as(name), subject, body);
        expect({ name, subject, outcome }).toEqual({ name, subject, outcome: refused });
      }
    }
    // Its owner has it for good, too, and for this channel only.
    for (const [subject, body] of attempts.slice(3, 6))
      expect(await outcomeOf(as(owner), subject, body)).toBe(refused);
    expect(await outcomeOf(as(owner), `$JS.API.CONSUMER.CREATE.FTGO.${durable}.ftgo.>`, config)).toBe(
      refused,
    );
  });

  it.each(listening)(
    'can not make $durable read more than its channel',
    async ({ owner, channel, durable }) => {
      const subject = `$JS.API.CONSUMER.CREATE.FTGO.${durable}.ftgo.${channel}`;
      const configs = [
        consumerConfig(durable, 'ftgo.>'),
        { ...consumerConfig(durable, ''), action: 'update' },
        {
          stream_name: 'FTGO',
          config: { durable_name: durable, filter_subjects: ['ftgo.>'], ack_policy: 'explicit' },
        },
      ];
      for (const config of configs) {
        await as(owner).request(subject, JSON.stringify(config), { timeout: 60_000 });
        const manager = await as(operator).jetstreamManager();
        const { config: kept } = await manager.consumers.info('FTGO', durable);
        expect({ filter: kept.filter_subject, filters: kept.filter_subjects }).toEqual({
          filter: `ftgo.${channel}`,
          filters: undefined,
        });
      }
    },
  );

  it.each(names)('keep the stream from %s', async (name) => {
    const subjects = [
      '$JS.API.STREAM.DELETE.FTGO',
      '$JS.API.STREAM.PURGE.FTGO',
      '$JS.API.STREAM.UPDATE.FTGO',
      '$JS.API.STREAM.MSG.GET.FTGO',
      '$JS.API.STREAM.MSG.DELETE.FTGO',
      '$JS.API.DIRECT.GET.FTGO',
      '$JS.API.STREAM.CREATE.OTHER',
      '$JS.API.CONSUMER.CREATE.FTGO',
      '$JS.API.CONSUMER.LIST.FTGO',
      ...(name.endsWith('-service') ? ['$JS.API.STREAM.CREATE.FTGO'] : []),
    ];
    for (const subject of subjects)
      expect({ subject, outcome: await outcomeOf(as(name), subject) }).toEqual({ subject, outcome: refused });
  });

  it.each(names)('let %s listen to nothing but its own answers', async (name) => {
    const listen = (subject: string) =>
      new Promise<string>((resolve) => {
        const subscription = as(name).subscribe(subject, { callback: (error) => resolve(error?.code ?? '') });
        // What comes back after the subscription was looked at says that it was not refused.
        void as(name)
          .flush()
          .then(() => {
            subscription.unsubscribe();
            resolve('granted');
          });
      });
    const other = names.find((one) => one !== name);
    for (const subject of ['>', 'ftgo.>', '_INBOX.>', `_INBOX.${other}.>`, '$JS.>', '$SYS.>'])
      expect({ subject, outcome: await listen(subject) }).toEqual({ subject, outcome: refused });
    expect(await listen(`_INBOX.${name}.answer`)).toBe('granted');
  });

  it('are nobody else', async () => {
    const port = broker.server.port;
    const strangers = [{}, { user: 'order-cdc', pass: 'wrong' }, { user: 'nobody', pass: 'x' }];
    for (const stranger of strangers)
      await expect(connect({ port, ...stranger })).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
  });

  it('have their passwords in a file that only its owner may read', () => {
    const file = join(folder, 'nats', 'nats-server.conf');
    expect(readFileSync(file, 'utf8')).toContain('123/password-of@order-cdc');
    expect(statSync(file).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
  });

  it('are the same for docker-compose', () => {
    const file = join(__dirname, '..', '..', '..', 'docker', 'nats', 'users.conf');
    const [, ...lines] = readFileSync(file, 'utf8').split('\n');
    expect(lines.join('\n')).toBe(authorization((name) => `$${passwordVariable(name)}`));
  });
});
