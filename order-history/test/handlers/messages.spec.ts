import { newId } from '@ftgo/shared-ts';
import { anOrder, startOrderHistories, type OrderHistories, type Ordered } from '../order-histories';

describe('The order history, as events arrive', () => {
  let histories: OrderHistories;
  let order: Ordered;

  beforeEach(async () => {
    histories = await startOrderHistories();
    order = anOrder();
  });
  afterEach(() => histories.messages.stop());

  const shown = async (): Promise<unknown> => (await histories.order(order.orderId).expect(200)).body;
  const quantities = async (): Promise<number[]> =>
    ((await shown()) as { line_items: { quantity: number }[] }).line_items.map((item) => item.quantity);

  it('opens with OrderCreated, at the time of the event', async () => {
    expect(await histories.created(order)).toBe('acknowledged');
    expect(await shown()).toMatchObject({ status: 'ApprovalPending', created_at: order.createdAt });
  });

  it.each([
    ['2030-01-31T17:00:00Z', '2030-01-31T17:00:00.000Z'],
    ['2030-01-31T18:00:00+01:00', '2030-01-31T17:00:00.000Z'],
    ['2030-01-31T17:00:00.123456Z', '2030-01-31T17:00:00.123Z'],
  ])('shows the time %s as %s', async (createdAt, expected) => {
    await histories.created({ ...order, createdAt });
    expect(await shown()).toMatchObject({ created_at: expected });
  });

  it.each([
    ['OrderApproved', 'approved', 'Approved'],
    ['OrderRejected', 'rejected', 'Rejected'],
    ['OrderCancelled', 'cancelled', 'Cancelled'],
  ] as const)('follows %s', async (_name, event, status) => {
    await histories.created(order);
    expect(await histories[event](order.orderId)).toBe('acknowledged');
    expect(await shown()).toMatchObject({ status });
  });

  it('follows OrderRevised, and stays approved', async () => {
    await histories.created(order);
    await histories.approved(order.orderId);
    expect(await histories.revised(order.orderId, { version: 4 })).toBe('acknowledged');
    expect(await shown()).toMatchObject({ status: 'Approved', order_total: 1633 });
    expect(await quantities()).toEqual([1, 1]);
  });

  it('is not moved by OrderProposedRevision, which may be taken back', async () => {
    await histories.created(order);
    await histories.approved(order.orderId);
    const before = await shown();
    expect(await histories.proposed(order.orderId, { version: 3 })).toBe('acknowledged');
    expect(await shown()).toEqual(before);
  });

  it('has nothing to show until OrderCreated arrives, and then everything', async () => {
    await histories.revised(order.orderId, { version: 4 });
    await histories.approved(order.orderId, { version: 2 });
    await histories.cancelled(order.orderId, { version: 6 });
    await histories.order(order.orderId).expect(404);
    await histories.created(order);
    expect(await shown()).toMatchObject({ status: 'Cancelled', order_total: 1633 });
    expect(await quantities()).toEqual([1, 1]);
  });

  it('does not go back when an older event arrives later', async () => {
    await histories.created(order);
    await histories.cancelled(order.orderId, { version: 4 });
    await histories.approved(order.orderId, { version: 2 });
    expect(await shown()).toMatchObject({ status: 'Cancelled' });
  });

  it('ends right when all events of an order arrive as one batch', async () => {
    await Promise.all([
      histories.revised(order.orderId, { version: 4 }),
      histories.created(order),
      histories.approved(order.orderId, { version: 2 }),
    ]);
    expect(await shown()).toMatchObject({ status: 'Approved', order_total: 1633 });
  });

  it.each([
    ['under one id', () => 'the-same'],
    ['under ids of their own', () => newId()],
  ])('changes nothing when events come twice, %s', async (_how, id) => {
    const [creation, approval, cancellation] = [id(), id(), id()].map((each, index) => `${each}-${index}`);
    for (const again of ['', id() === 'the-same' ? '' : '-again']) {
      await histories.created(order, { version: 1, id: `${creation}${again}` });
      await histories.approved(order.orderId, { version: 2, id: `${approval}${again}` });
      await histories.cancelled(order.orderId, { version: 4, id: `${cancellation}${again}` });
    }
    expect(await shown()).toMatchObject({ status: 'Cancelled' });
    const { body } = await histories.search({ consumerID: order.consumerId });
    expect((body as { orders: unknown[] }).orders).toHaveLength(1);
  });

  it('sets OrderCreated aside when its time is none', async () => {
    expect(await histories.created({ ...order, createdAt: 'yesterday' })).toBe('set aside');
  });

  it('sets OrderCreated aside at once when two of its lines are of one item', async () => {
    const lineItems = [...order.lineItems, ...order.lineItems];
    expect(await histories.created({ ...order, lineItems })).toBe('set aside');
  });

  it('sets an event aside that does not say which version of the order it made', async () => {
    expect(await histories.approved(order.orderId, { version: 0 })).toBe('set aside');
  });
});
