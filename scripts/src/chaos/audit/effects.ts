import type { Check, Evidence } from './evidence';
import { grouped } from './evidence';
import { databasesWithOutbox } from './outbox';

/** What a consumer has to handle: all commands on its channel, the replies to its sagas, and the events it listens to. */
interface Consumer {
  readonly id: string;
  readonly database: string;
  readonly commands?: string;
  readonly replies?: RegExp;
  readonly events: readonly string[];
}

const consumers: readonly Consumer[] = [
  {
    id: 'accounting-service',
    database: 'accounting',
    commands: 'accountingservice',
    events: ['consumerapi.ConsumerRegistered', 'consumerapi.ConsumerRenamed'],
  },
  { id: 'consumer-service', database: 'consumer', commands: 'consumerservice', events: [] },
  {
    id: 'delivery-service',
    database: 'delivery',
    events: [
      'restaurantapi.RestaurantCreated',
      'orderapi.OrderCreated',
      'kitchenapi.TicketAccepted',
      'kitchenapi.TicketCancelled',
    ],
  },
  {
    id: 'kitchen-service',
    database: 'kitchen',
    commands: 'kitchenservice',
    events: ['restaurantapi.RestaurantCreated', 'restaurantapi.RestaurantMenuRevised'],
  },
  {
    id: 'order-service',
    database: 'ordering',
    commands: 'orderservice',
    replies: /^orderservice\..*\.reply$/,
    events: [
      'restaurantapi.RestaurantCreated',
      'restaurantapi.RestaurantMenuRevised',
      'orderapi.OrderCreated',
    ],
  },
  {
    id: 'order-history-service',
    database: 'order_history',
    events: [
      'orderapi.OrderCreated',
      'orderapi.OrderApproved',
      'orderapi.OrderRejected',
      'orderapi.OrderCancelled',
      'orderapi.OrderRevised',
    ],
  },
];

/** The ids of the messages that a consumer has to handle, each with its name. */
function dueTo(consumer: Consumer, { stream }: Evidence): Map<string, string> {
  const isDue = ({ kind, name, channel }: Evidence['stream'][number]): boolean => {
    if (kind === 'command') return channel === consumer.commands;
    if (kind === 'reply') return consumer.replies?.test(channel) === true;
    return consumer.events.includes(name);
  };
  return new Map(stream.filter(isDue).map(({ id, name }) => [id, name]));
}

export const handledOnce: Check = {
  name: 'every message was handled by each of its consumers',
  run: async (evidence) => {
    const findings: string[] = [];
    let examined = 0;
    for (const consumer of consumers) {
      const rows = await evidence.sql<{ id: string }>(
        consumer.database,
        'SELECT message_id AS id FROM inbox WHERE consumer = $1',
        [consumer.id],
      );
      const handled = new Set(rows.map(({ id }) => id));
      const due = dueTo(consumer, evidence);
      examined += due.size;
      for (const [id, name] of due)
        if (!handled.delete(id)) findings.push(`${consumer.id} has not handled ${name} ${id}`);
      for (const id of handled) findings.push(`${consumer.id} has handled ${id}, which was not for it`);
    }
    return { examined, findings };
  },
};

export const noDoubleEffect: Check = {
  name: 'no message had its effect twice',
  run: async ({ sql }) => {
    const findings: string[] = [];
    let examined = 0;
    for (const database of ['accounting', 'consumer', 'kitchen', 'ordering']) {
      const [all] = await sql<{ count: number }>(database, 'SELECT count(*)::int AS count FROM events');
      examined += all?.count ?? 0;
      const twice = await sql<{ cause: string; type: string; id: string; count: number }>(
        database,
        `SELECT causation_id AS cause, type, aggregate_id AS id, count(*)::int AS count FROM events
         GROUP BY 1, 2, 3 HAVING count(*) > 1`,
      );
      for (const { cause, type, id, count } of twice)
        findings.push(`${database}: ${cause} caused ${type} of ${id} ${count} times`);
    }
    return { examined, findings };
  },
};

/** A command that comes twice may be answered twice, but not otherwise than before. */
export const answeredCommands: Check = {
  name: 'every command was answered, and always with the same answer',
  run: async (evidence) => {
    const commands = evidence.stream.filter(({ kind }) => kind === 'command');
    const answers: { to: string; answer: string }[] = [];
    for (const database of databasesWithOutbox) {
      const rows = await evidence.sql<{ to: string; answer: string }>(
        database,
        `SELECT headers->>'ce-inreplyto' AS "to",
                concat_ws(' ', headers->>'ce-type', headers->>'ce-outcome', payload::text) AS answer
         FROM outbox WHERE headers->>'ce-messagekind' = 'reply'`,
      );
      answers.push(...rows);
    }
    const byCommand = grouped(answers, ({ to }) => to);
    const findings: string[] = [];
    for (const id of new Set(commands.map((command) => command.id))) {
      const different = new Set(byCommand.get(id)?.map(({ answer }) => answer));
      if (different.size !== 1)
        findings.push(`command ${id} has ${different.size} answers: ${[...different].join('; ')}`);
    }
    return { examined: commands.length, findings };
  },
};

export const noDeadLetters: Check = {
  name: 'no message was set aside as a dead letter',
  run: async ({ sql }) => {
    const findings: string[] = [];
    for (const { id, database } of consumers) {
      const rows = await sql<{ message_id: string; error: string }>(
        database,
        'SELECT message_id, error FROM dead_letters',
      );
      findings.push(...rows.map(({ message_id, error }) => `${id}: ${message_id}: ${error.split('\n')[0]}`));
    }
    return { examined: consumers.length, findings };
  },
};
