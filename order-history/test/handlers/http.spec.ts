import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { anOrder, idsIn, startOrderHistories, type OrderHistories, type Ordered } from '../order-histories';

const PROBLEM = /^application\/problem\+json/;

describe('The order history over HTTP', () => {
  let histories: OrderHistories;
  const consumerID = newId();

  beforeEach(async () => {
    histories = await startOrderHistories();
  });
  afterEach(() => histories.messages.stop());

  /** Orders of one consumer, an hour apart; the last one is the newest. */
  const placed = async (count: number, some: Partial<Ordered> = {}): Promise<string[]> => {
    const ids: string[] = [];
    for (let hour = 0; hour < count; hour++) {
      const createdAt = new Date(Date.UTC(2030, 0, 1, hour)).toISOString();
      const order = anOrder({ consumerId: consumerID, createdAt, ...some });
      await histories.created(order);
      ids.push(order.orderId);
    }
    return ids;
  };
  const ids = async (parameters: Parameters<OrderHistories['search']>[0]): Promise<string[]> =>
    idsIn((await histories.search(parameters).expect(200)).body);

  describe('GET /api/orders/:orderID', () => {
    it('shows an order', async () => {
      const order = anOrder();
      await histories.created(order);
      expect((await histories.order(order.orderId).expect(200)).body).toEqual({
        order_id: order.orderId,
        status: 'ApprovalPending',
        restaurant_id: order.restaurantId,
        restaurant_name: 'Ajanta',
        order_total: 2867,
        line_items: [
          { menu_item_id: 'vindaloo', name: 'Chicken Vindaloo', price: 1234, quantity: 2 },
          { menu_item_id: 'lassi', name: 'Mango Lassi', price: 399, quantity: 1 },
        ],
        created_at: '2030-01-31T17:00:00.000Z',
      });
    });

    it('answers 404 for an order that nobody knows', async () => {
      const { body } = await histories.order(newId()).expect(404).expect('content-type', PROBLEM);
      expect(body).toMatchObject({ status: 404, code: 'ORDER_NOT_FOUND' });
    });

    it('answers 400 to an id that is no UUID', async () => {
      const { body } = await histories.order('1').expect(400).expect('content-type', PROBLEM);
      expect(body).toMatchObject({ status: 400, errors: [{ path: 'orderID' }] });
    });
  });

  describe('GET /api/orders', () => {
    it('answers with no orders and no next page when there are none', async () => {
      expect((await histories.search({ consumerID }).expect(200)).body).toEqual({ orders: [], next: '' });
    });

    it("shows a consumer's orders, newest first, as each is shown alone", async () => {
      const placedIds = await placed(3);
      await histories.created(anOrder());
      const { body } = await histories.search({ consumerID }).expect(200);
      expect(idsIn(body)).toEqual([...placedIds].reverse());
      const newest = (body as { orders: unknown[] }).orders[0];
      expect(newest).toEqual((await histories.order(placedIds[2] ?? '')).body);
    });

    it("shows everybody's orders when no consumer is named", async () => {
      const placedIds = await placed(1);
      const other = anOrder({ createdAt: '2031-01-01T00:00:00.000Z' });
      await histories.created(other);
      expect(await ids({})).toEqual([other.orderId, ...placedIds]);
    });

    it('takes the consumer id in upper case for the same consumer', async () => {
      const placedIds = await placed(1);
      expect(await ids({ consumerID: consumerID.toUpperCase() })).toEqual(placedIds);
    });

    it('filters by status', async () => {
      const [first = '', second = ''] = await placed(3);
      await histories.approved(first);
      await histories.rejected(second);
      expect(await ids({ consumerID, 'filter[status]': 'Approved' })).toEqual([first]);
      expect(await ids({ consumerID, 'filter[status]': 'Rejected' })).toEqual([second]);
      expect(await ids({ consumerID, 'filter[status]': 'RevisionPending' })).toEqual([]);
    });

    it('filters by time: created then or later', async () => {
      const [, second = '', third = ''] = await placed(3);
      expect(await ids({ consumerID, 'filter[since]': '2030-01-01T01:00:00Z' })).toEqual([third, second]);
      expect(await ids({ consumerID, 'filter[since]': '2030-01-01T03:00:00+02:00' })).toEqual([
        third,
        second,
      ]);
      expect(await ids({ consumerID, 'filter[since]': '2030-01-01T01:00:00.001Z' })).toEqual([third]);
    });

    it.each<[string | string[], string[]]>([
      ['ajanta', ['curry']],
      ['VINDALOO', ['curry']],
      ['chicken', ['pizza', 'curry']],
      ['chicken vindaloo', ['curry']],
      [['chicken', 'ajanta'], ['curry']],
      [['ajanta', 'pizza'], []],
      ['Pizza-Palast!', ['pizza']],
      ['vinda', []],
      ['', ['pizza', 'curry']],
      ['  ', ['pizza', 'curry']],
      ['!?', []],
      [['ajanta', '🍣'], []],
      [['', 'ajanta'], ['curry']],
    ])('finds by the keywords %j: %j', async (keywords, names) => {
      const [curry = ''] = await placed(1);
      const pizza = anOrder({
        consumerId: consumerID,
        restaurantName: 'Pizza Palast',
        lineItems: [{ menuItemId: 'p1', name: 'Pizza BBQ Chicken', price: 1000, quantity: 1 }],
        createdAt: '2031-01-01T00:00:00.000Z',
      });
      await histories.created(pizza);
      const named: Record<string, string> = { curry, pizza: pizza.orderId };
      expect(await ids({ consumerID, 'filter[keywords]': keywords })).toEqual(
        names.map((name) => named[name]),
      );
    });

    it('lets all conditions hold together', async () => {
      const [first = '', second = ''] = await placed(2);
      await histories.approved(first);
      await histories.approved(second);
      const conditions = {
        consumerID,
        'filter[status]': 'Approved',
        'filter[keywords]': ['mango', 'ajanta'],
      };
      expect(await ids({ ...conditions, 'filter[since]': '2030-01-01T01:00:00Z' })).toEqual([second]);
      expect(await ids({ ...conditions, 'filter[status]': 'Rejected' })).toEqual([]);
    });

    it('ignores parameters that it does not know', async () => {
      const placedIds = await placed(1);
      expect(await ids({ consumerID, 'filter[color]': 'red', page: '2' })).toEqual(placedIds);
    });

    it('gives 20 orders when no limit is said, and up to 50', async () => {
      await placed(51);
      expect(await ids({ consumerID })).toHaveLength(20);
      expect(await ids({ consumerID, limit: '1' })).toHaveLength(1);
      expect(await ids({ consumerID, limit: '50' })).toHaveLength(50);
    });

    it.each([1, 2, 3, 7, 8])('gives every order once, page by page of %d', async (limit) => {
      const apart = await placed(4);
      const together = await placed(3, { createdAt: '2030-01-01T02:00:00.000Z' });
      const pages: string[][] = [];
      let next = '';
      do {
        const { body } = await histories.search({ consumerID, limit: String(limit), next }).expect(200);
        pages.push(idsIn(body));
        next = (body as { next: string }).next;
      } while (next !== '');
      expect(pages).toHaveLength(Math.ceil(7 / limit));
      expect(new Set(pages.flat())).toEqual(new Set([...apart, ...together]));
      expect(pages.flat()).toEqual(await ids({ consumerID }));
    });

    it('shows no order twice when a newer one comes in between two pages', async () => {
      const [first = '', second = '', third = ''] = await placed(3);
      const { body } = await histories.search({ consumerID, limit: '2' }).expect(200);
      expect(idsIn(body)).toEqual([third, second]);
      await histories.created(anOrder({ consumerId: consumerID, createdAt: '2031-01-01T00:00:00.000Z' }));
      expect(await ids({ consumerID, limit: '2', next: (body as { next: string }).next })).toEqual([first]);
    });

    it.each<[string, Parameters<OrderHistories['search']>[0]]>([
      ['consumerID', { consumerID: '1' }],
      ['consumerID', { consumerID: '' }],
      ['consumerID', { consumerID: [newId(), newId()] }],
      ['filter[status]', { 'filter[status]': 'Eaten' }],
      ['filter[status]', { 'filter[status]': 'approved' }],
      ['filter[status]', { 'filter[status]': '' }],
      ['filter[since]', { 'filter[since]': 'yesterday' }],
      ['filter[since]', { 'filter[since]': '2030-01-31' }],
      ['filter[since]', { 'filter[since]': '2030-02-30T00:00:00Z' }],
      ['filter[since]', { 'filter[since]': '' }],
      ['limit', { limit: '0' }],
      ['limit', { limit: '51' }],
      ['limit', { limit: '-1' }],
      ['limit', { limit: '1.5' }],
      ['limit', { limit: '1e1' }],
      ['limit', { limit: 'many' }],
      ['limit', { limit: '' }],
      ['limit', { limit: ['1', '2'] }],
      ['next', { next: 'somewhere' }],
      ['next', { next: Buffer.from('{}').toString('base64url') }],
    ])('answers 400 and names %s: %j', async (path, parameters) => {
      const { body } = await histories.search(parameters).expect(400).expect('content-type', PROBLEM);
      expect(body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', errors: [{ path }] });
      const { detail, message } = body as { detail: string; message: string };
      expect(message).toBe(detail);
    });

    it('answers 400 to a malformed percent-encoding', async () => {
      await request(histories.app)
        .get('/api/orders?filter[keywords]=%ff')
        .expect(400)
        .expect('content-type', PROBLEM);
    });
  });

  it('answers 405 to another method', async () => {
    await request(histories.app)
      .post('/api/orders')
      .send({})
      .expect(405)
      .expect('allow', 'GET, HEAD, OPTIONS')
      .expect('content-type', PROBLEM);
  });

  it('answers 404 where there is no route', async () => {
    await request(histories.app).get('/api/history').expect(404).expect('content-type', PROBLEM);
  });

  it('describes the search in its OpenAPI document', async () => {
    const { body } = await request(histories.app).get('/api/openapi.json').expect(200);
    const { parameters } = (
      body as { paths: Record<string, { get: { parameters: { name: string; required: boolean }[] } }> }
    ).paths['/api/orders']?.get ?? { parameters: [] };
    expect(parameters.at(-1)).toMatchObject({
      name: 'limit',
      schema: { type: 'integer', minimum: 1, maximum: 50, description: '20 if left out' },
    });
    expect(JSON.stringify(parameters.at(-1))).not.toContain('pattern');
    expect(parameters.map(({ name, required }) => [name, required])).toEqual(
      ['consumerID', 'filter[status]', 'filter[keywords]', 'filter[since]', 'next', 'limit'].map((name) => [
        name,
        false,
      ]),
    );
  });
});
