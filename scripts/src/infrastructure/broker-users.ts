import { channels, orderSagaReplies } from '@ftgo/serviceapis';
import { durableOf, inboxOf, STREAM, subjectOf } from '@ftgo/shared-ts/messaging';

/** Who may come to the broker, and what for: subjects, wildcards allowed. */
export interface BrokerUser {
  readonly name: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Who looks from outside: dead letters, chaos, bench, people. */
export const operator = 'operator';

/** The subject on which JetStream is asked for the stream's state. */
export const streamInfo = `$JS.API.STREAM.INFO.${STREAM}`;

/**
 * A service publishes no message: its relay does. It reads the channels that it listens to, by durable consumers of its
 * own name. The broker takes a consumer's filter from the subject that makes it, so no other channel can be read by it.
 */
function service(name: string, listensTo: readonly string[]): BrokerUser {
  const ofConsumer = (channel: string): string[] => {
    const consumer = `${STREAM}.${durableOf(name, channel)}`;
    return [
      `$JS.API.CONSUMER.CREATE.${consumer}.${subjectOf(channel)}`,
      `$JS.API.CONSUMER.INFO.${consumer}`,
      `$JS.API.CONSUMER.MSG.NEXT.${consumer}`,
      `$JS.ACK.${consumer}.>`,
    ];
  };
  return user(name, [streamInfo, ...listensTo.flatMap(ofConsumer)]);
}

/** A relay publishes what its service's outbox can carry, and makes the stream again when the broker has lost it. */
function relay(name: string, publishesOn: readonly string[]): BrokerUser {
  return user(name, [streamInfo, `$JS.API.STREAM.CREATE.${STREAM}`, ...publishesOn.map(subjectOf)]);
}

const user = (name: string, publish: readonly string[]): BrokerUser => ({
  name,
  publish,
  subscribe: [`${inboxOf(name)}.>`],
});

const { commands, events, sagaReplies } = channels;

/** A user for each of the twelve processes, by the process's id, and the operator. All else is refused. */
export const brokerUsers: readonly BrokerUser[] = [
  service('accounting-service', [commands.accounting, events.consumer]),
  service('consumer-service', [commands.consumer]),
  service('delivery-service', [events.restaurant, events.order, events.ticket]),
  service('kitchen-service', [commands.kitchen, events.restaurant]),
  service('order-service', [commands.order, orderSagaReplies, events.order, events.restaurant]),
  service('restaurant-service', [commands.restaurant]),
  service('order-history-service', [events.order]),
  relay('accounting-cdc', Object.values(sagaReplies)),
  relay('consumer-cdc', [events.consumer, sagaReplies.createOrder]),
  relay('kitchen-cdc', [events.ticket, ...Object.values(sagaReplies)]),
  relay('order-cdc', [
    events.order,
    commands.accounting,
    commands.consumer,
    commands.kitchen,
    commands.order,
    ...Object.values(sagaReplies),
  ]),
  relay('restaurant-cdc', [events.restaurant]),
  { name: operator, publish: ['>'], subscribe: ['>'] },
];

/** The names of all users. */
export const brokerUserNames: readonly string[] = brokerUsers.map(({ name }) => name);

/** The environment variable that holds a user's password where the server reads it from there. */
export const passwordVariable = (name: string): string =>
  `${name.toUpperCase().replaceAll('-', '_')}_NATS_PASSWORD`;

/**
 * The users as nats-server's configuration has them.
 *
 * @param passwordOf a user's password as it stands there: in quotes, or `$VARIABLE`
 */
export function authorization(passwordOf: (name: string) => string): string {
  const list = (subjects: readonly string[]): string[] =>
    subjects.map((subject) => `          ${JSON.stringify(subject)}`);
  const entries = brokerUsers.flatMap(({ name, publish, subscribe }) => [
    '    {',
    `      user: ${JSON.stringify(name)}`,
    `      password: ${passwordOf(name)}`,
    '      permissions {',
    '        publish: [',
    ...list(publish),
    '        ]',
    '        subscribe: [',
    ...list(subscribe),
    '        ]',
    '      }',
    '    }',
  ]);
  return ['authorization {', '  users: [', ...entries, '  ]', '}', ''].join('\n');
}
