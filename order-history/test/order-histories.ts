import { orderapi, type MessageDefinition, type values } from '@ftgo/serviceapis';
import { newId, subjectOf, type Transactor } from '@ftgo/shared-ts';
import { InMemoryDatabase, inMemoryTransactor } from '@ftgo/shared-ts/in-memory';
import { MessageDriver, testApp, type Settlement } from '@ftgo/shared-ts/testing';
import request, { type Test } from 'supertest';
import { inMemoryPorts } from '../src/adapters/ports';
import type { OrderHistoryPorts } from '../src/application';
import { eventHandlers } from '../src/handlers/events';
import { routes } from '../src/handlers/http';

export const lineItems: readonly values.LineItem[] = [
  { menuItemId: 'vindaloo', name: 'Chicken Vindaloo', price: 1234, quantity: 2 },
  { menuItemId: 'lassi', name: 'Mango Lassi', price: 399, quantity: 1 },
];

/** What was ordered: two vindaloos and a lassi from Ajanta, 28.67, unless something else is said. */
export interface Ordered {
  readonly orderId: string;
  readonly consumerId: string;
  readonly restaurantId: string;
  readonly restaurantName: string;
  readonly lineItems: readonly values.LineItem[];
  readonly orderTotal: number;
  /** RFC 3339; the event's `ce-time`. */
  readonly createdAt: string;
}

export const anOrder = (some: Partial<Ordered> = {}): Ordered => ({
  orderId: newId(),
  consumerId: newId(),
  restaurantId: newId(),
  restaurantName: 'Ajanta',
  lineItems,
  orderTotal: 2867,
  createdAt: '2030-01-31T17:00:00.000Z',
  ...some,
});

/** One vindaloo instead of two: 16.33. */
export const revision: orderapi.OrderRevised = {
  currentOrderTotal: 2867,
  newOrderTotal: 1633,
  revisedQuantities: { vindaloo: 1 },
};

/** How an event arrives: the order's version after it, and under another id when it is published again. */
interface Arrival {
  readonly version: number;
  readonly id?: string;
}

/** The order history as its neighbours see it. */
export interface OrderHistories {
  readonly app: ReturnType<typeof testApp>;
  readonly messages: MessageDriver<OrderHistoryPorts>;
  created(order: Ordered, arrival?: Arrival): Promise<Settlement>;
  approved(orderId: string, arrival?: Arrival): Promise<Settlement>;
  rejected(orderId: string, arrival?: Arrival): Promise<Settlement>;
  cancelled(orderId: string, arrival?: Arrival): Promise<Settlement>;
  proposed(orderId: string, arrival: Arrival): Promise<Settlement>;
  revised(orderId: string, arrival: Arrival, revision?: orderapi.OrderRevised): Promise<Settlement>;
  order(orderId: string): Test;
  /** Parameters by name; a list repeats its parameter. */
  search(parameters?: Readonly<Record<string, string | readonly string[]>>): Test;
}

export async function startOrderHistories(
  transactor: Transactor<OrderHistoryPorts> = inMemoryTransactor(
    new InMemoryDatabase(),
    'order-history-service',
    inMemoryPorts,
  ),
): Promise<OrderHistories> {
  const messages = new MessageDriver('order-history-service', transactor, eventHandlers);
  await messages.start();
  const app = testApp(routes(transactor));
  const send = (
    type: MessageDefinition<string, 'event'>,
    orderId: string,
    { version, id = newId() }: Arrival,
    payload: unknown,
    time = '2030-01-31T17:30:00.000Z',
  ): Promise<Settlement> =>
    messages.raw(
      subjectOf(type.channel),
      {
        'ce-id': id,
        'ce-type': type.name,
        'ce-messagekind': 'event',
        'ce-subject': orderId,
        'ce-sequence': String(version),
        'ce-partitionkey': orderId,
        'ce-time': time,
      },
      Buffer.from(JSON.stringify(payload)),
    );
  return {
    app,
    messages,
    created: ({ orderId, createdAt, ...order }, arrival = { version: 1 }) => {
      const payload: orderapi.OrderCreated = {
        ...order,
        lineItems: [...order.lineItems],
        deliverAt: '2030-01-31T18:30:00.000Z',
        deliverTo: { street1: '9 Amazing View', city: 'Oakland', state: 'CA', zip: '94612' },
      };
      return send(orderapi.OrderCreated, orderId, arrival, payload, createdAt);
    },
    approved: (orderId, arrival = { version: 2 }) =>
      send(orderapi.OrderApproved, orderId, arrival, { ticketId: newId() }),
    rejected: (orderId, arrival = { version: 2 }) => send(orderapi.OrderRejected, orderId, arrival, {}),
    cancelled: (orderId, arrival = { version: 4 }) => send(orderapi.OrderCancelled, orderId, arrival, {}),
    proposed: (orderId, arrival) => send(orderapi.OrderProposedRevision, orderId, arrival, revision),
    revised: (orderId, arrival, revised = revision) => send(orderapi.OrderRevised, orderId, arrival, revised),
    order: (orderId) => request(app).get(`/api/orders/${orderId}`),
    search: (parameters = {}) => {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(parameters)) {
        for (const each of typeof value === 'string' ? [value] : value) query.append(name, each);
      }
      return request(app).get(`/api/orders?${query.toString()}`);
    },
  };
}

/** The ids of the orders in an answer to a search. */
export const idsIn = (body: unknown): string[] =>
  (body as { orders: { order_id: string }[] }).orders.map((order) => order.order_id);
