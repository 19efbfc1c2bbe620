import type { QueryResultRow } from 'pg';

/** Looks into a service's database. */
export type Query = <Row extends QueryResultRow>(database: string, text: string) => Promise<Row[]>;

/** The databases with an outbox. */
const senders = ['accounting', 'consumer', 'kitchen', 'ordering', 'restaurant'];

/** Who handles what: by channel, and for the channels of events by the events that are listened to. */
const receivers: Readonly<Record<string, Readonly<Record<string, readonly string[] | 'everything'>>>> = {
  accounting: {
    accountingservice: 'everything',
    'consumerservice.Consumer': 'everything',
  },
  consumer: { consumerservice: 'everything' },
  kitchen: { kitchenservice: 'everything', 'restaurantservice.Restaurant': 'everything' },
  ordering: {
    orderservice: 'everything',
    'orderservice.CreateOrderSaga.reply': 'everything',
    'orderservice.CancelOrderSaga.reply': 'everything',
    'orderservice.ReviseOrderSaga.reply': 'everything',
    'orderservice.Order': ['orderapi.OrderCreated'],
    'restaurantservice.Restaurant': 'everything',
  },
  delivery: {
    'orderservice.Order': ['orderapi.OrderCreated'],
    'kitchenservice.Ticket': ['kitchenapi.TicketAccepted', 'kitchenapi.TicketCancelled'],
    'restaurantservice.Restaurant': ['restaurantapi.RestaurantCreated'],
  },
  order_history: {
    'orderservice.Order': [
      'orderapi.OrderCreated',
      'orderapi.OrderApproved',
      'orderapi.OrderRejected',
      'orderapi.OrderCancelled',
      'orderapi.OrderRevised',
    ],
  },
};

interface Sent {
  readonly id: string;
  readonly channel: string;
  readonly name: string;
}

/** One receiver's books: what it was sent, and what it has handled. */
export interface Books {
  readonly receiver: string;
  readonly missing: readonly string[];
  readonly unsent: readonly string[];
  readonly deadLetters: number;
}

/**
 * Compares every outbox with every inbox. When nothing is under way, each message that was sent has been handled by each of its receivers, and
 * nothing was handled that nobody sent.
 */
export async function messageBooks(query: Query): Promise<Books[]> {
  const text = `SELECT DISTINCT id::text, channel, headers->>'ce-type' AS name FROM outbox`;
  const sent = (
    await Promise.all(senders.map((database) => query<Sent & QueryResultRow>(database, text)))
  ).flat();
  return Promise.all(
    Object.entries(receivers).map(async ([receiver, channels]) => {
      const expected = sent.filter(({ channel, name }) => listensTo(channels[channel], name));
      const handled = await query<{ id: string }>(receiver, 'SELECT message_id AS id FROM inbox');
      const [due, done] = [new Set(expected.map(({ id }) => id)), new Set(handled.map(({ id }) => id))];
      const [letters] = await query<{ count: number }>(receiver, 'SELECT count(*)::int FROM dead_letters');
      return {
        receiver,
        missing: expected.filter(({ id }) => !done.has(id)).map(({ id, name }) => `${name} ${id}`),
        unsent: [...done].filter((id) => !due.has(id)),
        deadLetters: letters?.count ?? 0,
      };
    }),
  );
}

const listensTo = (what: readonly string[] | 'everything' | undefined, name: string): boolean =>
  what === 'everything' || (what?.includes(name) ?? false);
