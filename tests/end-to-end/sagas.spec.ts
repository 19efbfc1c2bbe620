import { randomBytes } from 'node:crypto';
import { eventually } from '@ftgo/shared-ts/testing';
import type { PlacedOrder, TicketView } from './ftgo-api';
import { menu, READY_BY } from './ftgo-api';
import { startTestFleet, type TestFleet } from './fleet';

let ftgo: TestFleet;
beforeAll(async () => {
  ftgo = await startTestFleet();
}, 300_000);
afterAll(() => ftgo.stop());

/** The types of an aggregate's events, in their order. */
async function eventsOf(database: string, aggregateId: string): Promise<string[]> {
  const text = 'SELECT type FROM events WHERE aggregate_id = $1 ORDER BY version';
  return (await ftgo.query<{ type: string }>(database, text, [aggregateId])).map(({ type }) => type);
}

/** The tickets that were opened for an order, which tells clients only of one that was confirmed. */
async function ticketsFor(orderId: string): Promise<string[]> {
  const text =
    "SELECT aggregate_id AS id FROM events WHERE type = 'kitchen.TicketOpened' AND data->>'orderId' = $1";
  return (await ftgo.query<{ id: string }>('kitchen', text, [orderId])).map(({ id }) => id);
}

/** Runs `body` while a service is down; it is back afterwards. */
async function without(service: string, body: () => Promise<void>): Promise<void> {
  await ftgo.fleet.stopProcess(service);
  try {
    await body();
  } finally {
    await ftgo.fleet.startProcess(service);
    await ftgo.fleet.untilReady(service);
  }
}

const refusal = async (orderId: string, what: 'cancel' | 'revise'): Promise<number> => {
  const body = what === 'revise' ? { revised_quantities: { curry: 1 } } : undefined;
  return (await ftgo.api.send('order-service', 'PUT', `/api/orders/${orderId}/${what}`, body)).status;
};

describe('creating an order', () => {
  it('approves it, with a ticket that awaits acceptance and an authorization of the total', async () => {
    const { orderId, ticketId, restaurantId } = await ftgo.api.approvedOrder();
    expect(await ftgo.api.order(orderId)).toMatchObject({ order_total: 2818, ticket_id: ticketId });
    expect(await ftgo.api.ticket(ticketId)).toMatchObject({
      order_id: orderId,
      restaurant_id: restaurantId,
      state: 'AwaitingAcceptance',
    });
    expect(await eventsOf('accounting', orderId)).toEqual(['accounting.OrderAuthorized']);
    await ftgo.api.until(() => ftgo.api.history(orderId), { status: 'Approved', order_total: 2818 });
    await ftgo.api.untilDeliveryIs(orderId, 'PENDING');
  });

  it("carries the trace of the client's request to the last message", async () => {
    const [consumerId, restaurantId] = await Promise.all([ftgo.api.consumer(), ftgo.api.restaurant()]);
    const trace = randomBytes(16).toString('hex');
    const span = randomBytes(8).toString('hex');
    const { orderId } = await ftgo.api.placeOrder(
      { consumerId, restaurantId },
      { traceparent: `00-${trace}-${span}-01`, 'X-Request-ID': trace },
    );
    await ftgo.api.untilOrderIs(orderId, 'Approved');
    const traced = await Promise.all(
      ['ordering', 'consumer', 'kitchen', 'accounting'].map((database) =>
        ftgo.query<{ traceparent: string }>(
          database,
          `SELECT headers->>'traceparent' AS traceparent FROM outbox
           WHERE headers->>'ce-correlationid' = $1`,
          [trace],
        ),
      ),
    );
    expect(traced.map((messages) => messages.length)).toEqual([8, 1, 3, 1]);
    for (const { traceparent } of traced.flat()) {
      expect(traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
      expect(traceparent).not.toContain(span);
    }
  });

  it('rejects that of an unknown consumer, before anything else was touched', async () => {
    const restaurantId = await ftgo.api.restaurant();
    const consumerId = '6b6f1c5e-3f0a-4d0e-9d58-0d0f5a1b2c3d';
    const { orderId } = await ftgo.api.placeOrder({ consumerId, restaurantId });
    expect(await ftgo.api.untilOrderIs(orderId, 'Rejected')).not.toHaveProperty('ticket_id');
    expect(await ticketsFor(orderId)).toEqual([]);
    expect(await eventsOf('accounting', orderId)).toEqual([]);
    await ftgo.api.until(() => ftgo.api.history(orderId), { status: 'Rejected' });
  });

  it('rejects that of a disabled account, with its ticket cancelled and nothing authorized', async () => {
    const [consumerId, restaurantId] = await Promise.all([ftgo.api.consumer(), ftgo.api.restaurant()]);
    await ftgo.api.setAccount(consumerId, 'disable');
    const { orderId } = await ftgo.api.placeOrder({ consumerId, restaurantId });
    await ftgo.api.untilOrderIs(orderId, 'Rejected');
    const [ticketId = '', ...others] = await ticketsFor(orderId);
    expect(others).toEqual([]);
    expect(await ftgo.api.ticket(ticketId)).toMatchObject({ state: 'Cancelled' });
    expect(await eventsOf('accounting', orderId)).toEqual([]);
  });

  it('rejects that of a dish which the kitchen no longer has when the ticket is to be made', async () => {
    const [consumerId, restaurantId] = await Promise.all([ftgo.api.consumer(), ftgo.api.restaurant()]);
    let order: PlacedOrder | undefined;
    // The saga waits for the consumer service while the menu changes.
    await without('consumer-service', async () => {
      order = await ftgo.api.placeOrder({ consumerId, restaurantId });
      await ftgo.api.reviseMenu(restaurantId, menu.slice(0, 1));
      await eventually(async () => {
        const text = 'SELECT menu FROM restaurants WHERE id = $1';
        const rows = await ftgo.query<{ menu: unknown[] }>('kitchen', text, [restaurantId]);
        expect(rows[0]?.menu).toHaveLength(1);
      });
    });
    const { orderId } = order as unknown as PlacedOrder;
    await ftgo.api.untilOrderIs(orderId, 'Rejected');
    expect(await ticketsFor(orderId)).toEqual([]);
  });
});

/** What both sagas find and, when they are undone, leave behind: a ticket in either of two states. */
const places = [
  {
    where: 'awaiting acceptance',
    accepted: false,
    ticket: { state: 'AwaitingAcceptance' },
    delivery: 'PENDING',
  },
  {
    where: 'accepted',
    accepted: true,
    ticket: { state: 'Accepted', ready_by: READY_BY },
    delivery: 'SCHEDULED',
  },
] satisfies { where: string; accepted: boolean; ticket: Partial<TicketView>; delivery: string }[];

describe.each(places)('cancelling an order whose ticket is $where', ({ accepted, ticket, delivery }) => {
  it('cancels order, ticket and delivery and reverses the authorization', async () => {
    const { orderId, ticketId } = await ftgo.api.approvedOrder({ accepted });
    await ftgo.api.cancel(orderId);
    await ftgo.api.untilOrderIs(orderId, 'Cancelled');
    expect(await ftgo.api.ticket(ticketId)).toMatchObject({ state: 'Cancelled' });
    expect(await eventsOf('accounting', orderId)).toEqual([
      'accounting.OrderAuthorized',
      'accounting.AuthorizationReversed',
    ]);
    const { assigned_courier: courier, courier_actions: actions } = await ftgo.api.untilDeliveryIs(
      orderId,
      'CANCELLED',
    );
    expect(actions).toEqual([]);
    expect(courier === '').toBe(!accepted);
    if (accepted) {
      const plan = (await ftgo.api.courier(courier)).actions.map((action) => action.delivery_id);
      expect(plan).not.toContain(orderId);
    }
    await ftgo.api.until(() => ftgo.api.history(orderId), { status: 'Cancelled' });
  });

  it('leaves everything as it was when the account is disabled', async () => {
    const { orderId, ticketId, consumerId } = await ftgo.api.approvedOrder({ accepted });
    await ftgo.api.setAccount(consumerId, 'disable');
    await ftgo.api.cancel(orderId);
    expect(await ftgo.api.untilOrderIs(orderId, 'Approved')).toMatchObject({ order_total: 2818 });
    expect(await eventsOf('ordering', orderId)).toEqual(expect.arrayContaining(['order.OrderCancelUndone']));
    expect(await ftgo.api.ticket(ticketId)).toMatchObject(ticket);
    expect(await eventsOf('accounting', orderId)).toEqual(['accounting.OrderAuthorized']);
    expect(await ftgo.api.delivery(orderId)).toMatchObject({ status: delivery });
  });
});

describe.each(places)('revising an order whose ticket is $where', ({ accepted, ticket }) => {
  const quantitiesOf = (items: readonly { menu_item_id: string; quantity: number }[]) =>
    Object.fromEntries(items.map((item) => [item.menu_item_id, item.quantity]));

  it('changes quantities and total everywhere', async () => {
    const { orderId, ticketId } = await ftgo.api.approvedOrder({ accepted });
    await ftgo.api.revise(orderId, { curry: 1, bread: 0 });
    const order = await ftgo.api.untilOrderIs(orderId, 'Approved');
    expect(order.order_total).toBe(1234);
    expect(quantitiesOf(order.line_items)).toEqual({ curry: 1, bread: 0 });
    const revised = await ftgo.api.ticket(ticketId);
    expect(revised).toMatchObject(ticket);
    expect(quantitiesOf(revised.line_items)).toEqual({ curry: 1, bread: 0 });
    const authorization =
      "SELECT (data->>'total')::int AS total FROM events WHERE aggregate_id = $1 ORDER BY version";
    expect(await ftgo.query('accounting', authorization, [orderId])).toEqual([
      { total: 2818 },
      { total: 1234 },
    ]);
    const history = await ftgo.api.until(() => ftgo.api.history(orderId), { order_total: 1234 });
    expect(quantitiesOf(history.line_items)).toEqual({ curry: 1, bread: 0 });
  });

  it('leaves everything as it was when the account is disabled', async () => {
    const { orderId, ticketId, consumerId } = await ftgo.api.approvedOrder({ accepted });
    await ftgo.api.setAccount(consumerId, 'disable');
    await ftgo.api.revise(orderId, { curry: 1 });
    const order = await ftgo.api.untilOrderIs(orderId, 'Approved');
    expect(order.order_total).toBe(2818);
    expect(quantitiesOf(order.line_items)).toEqual({ curry: 2, bread: 1 });
    expect(await eventsOf('ordering', orderId)).toEqual(
      expect.arrayContaining(['order.OrderRevisionUndone']),
    );
    const kept = await ftgo.api.ticket(ticketId);
    expect(kept).toMatchObject(ticket);
    expect(quantitiesOf(kept.line_items)).toEqual({ curry: 2, bread: 1 });
    expect(await eventsOf('accounting', orderId)).toEqual(['accounting.OrderAuthorized']);
  });
});

describe('an order that a saga holds', () => {
  it('refuses a second cancellation and a revision, and its ticket is not accepted, until the saga has ended', async () => {
    const { orderId, ticketId } = await ftgo.api.approvedOrder();
    await without('accounting-service', async () => {
      await ftgo.api.cancel(orderId);
      expect(await ftgo.api.order(orderId)).toMatchObject({ state: 'CancelPending' });
      expect(await refusal(orderId, 'cancel')).toBe(409);
      expect(await refusal(orderId, 'revise')).toBe(409);
      await ftgo.api.until(() => ftgo.api.ticket(ticketId), { state: 'CancelPending' });
      const acceptance = { ready_by: READY_BY };
      const answer = await ftgo.api.send(
        'kitchen-service',
        'POST',
        `/api/tickets/${ticketId}/accept`,
        acceptance,
      );
      expect(answer.status).toBe(409);
    });
    await ftgo.api.untilOrderIs(orderId, 'Cancelled');
    expect(await refusal(orderId, 'cancel')).toBe(409);
  });

  it('refuses a cancellation while it is revised', async () => {
    const { orderId } = await ftgo.api.approvedOrder();
    await without('accounting-service', async () => {
      await ftgo.api.revise(orderId, { curry: 3 });
      expect(await ftgo.api.order(orderId)).toMatchObject({ state: 'RevisionPending', order_total: 2818 });
      expect(await refusal(orderId, 'cancel')).toBe(409);
      expect(await refusal(orderId, 'revise')).toBe(409);
    });
    expect(await ftgo.api.untilOrderIs(orderId, 'Approved')).toMatchObject({ order_total: 4052 });
  });
});

describe('what follows the orders', () => {
  it('schedules a delivery when the ticket is accepted: picked up when it is ready, dropped off half an hour later', async () => {
    const { orderId } = await ftgo.api.approvedOrder({ accepted: true });
    const { assigned_courier: courier, courier_actions: actions } = await ftgo.api.delivery(orderId);
    expect(actions).toEqual(['PICKUP', 'DROPOFF']);
    const plan = (await ftgo.api.courier(courier)).actions.filter((action) => action.delivery_id === orderId);
    expect(plan.map(({ type, time }) => [type, time])).toEqual([
      ['PICKUP', READY_BY],
      ['DROPOFF', '2099-01-31T19:00:00.000Z'],
    ]);
  });

  it("shows a consumer's orders, newest first, page by page", async () => {
    const [consumerId, restaurantId] = await Promise.all([ftgo.api.consumer(), ftgo.api.restaurant()]);
    const placed: string[] = [];
    for (let count = 0; count < 3; count += 1)
      placed.unshift((await ftgo.api.placeOrder({ consumerId, restaurantId })).orderId);
    await eventually(async () => {
      const { orders } = await ftgo.api.search(`consumerID=${consumerId}&filter[status]=Approved`);
      expect(orders.map((order) => order.order_id)).toEqual(placed);
    });
    const first = await ftgo.api.search(`consumerID=${consumerId}&limit=2`);
    const second = await ftgo.api.search(
      `consumerID=${consumerId}&limit=2&next=${encodeURIComponent(first.next)}`,
    );
    expect([...first.orders, ...second.orders].map((order) => order.order_id)).toEqual(placed);
    expect(first.orders).toHaveLength(2);
    expect(second.next).toBe('');
  });

  it("brings a menu's revision to the order service and the kitchen", async () => {
    const [consumerId, restaurantId] = await Promise.all([ftgo.api.consumer(), ftgo.api.restaurant()]);
    const soup = { id: 'soup', name: 'Lentil Soup', price: 599 };
    await ftgo.api.reviseMenu(restaurantId, [{ id: 'curry', name: 'Vindaloo Curry', price: 2000 }, soup]);
    const lineItems = { curry: 1, soup: 2 };
    const { orderId } = await eventually(() => ftgo.api.placeOrder({ consumerId, restaurantId, lineItems }));
    expect(await ftgo.api.untilOrderIs(orderId, 'Approved')).toMatchObject({ order_total: 3198 });
    await expect(ftgo.api.placeOrder({ consumerId, restaurantId, lineItems: { bread: 1 } })).rejects.toThrow(
      '422',
    );
  });
});
