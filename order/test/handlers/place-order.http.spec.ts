import { http } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import { home, ids } from '../sample-orders';
import { Api, order, problemIn, UUID_V7 } from './api';

let api: Api;
beforeEach(async () => {
  api = await Api.open();
});

describe('POST /api/orders', () => {
  it('places an order under an id of our own', async () => {
    const answer = await api
      .post(order)
      .expect(201)
      .expect('Content-Type', /^application\/json/);
    expect(http.IdBody.parse(answer.body).id).toMatch(UUID_V7);
  });

  it('publishes what was ordered, at the prices of the menu', async () => {
    const id = await api.placedOrder();
    const [event] = api.service.events();
    expect(event).toMatchObject({
      channel: 'orderservice.Order',
      name: 'orderapi.OrderCreated',
      id,
      version: 1,
      payload: {
        restaurantName: 'Ajanta',
        orderTotal: 2867,
        deliverAt: '2030-01-31T18:30:00.000Z',
        deliverTo: home,
      },
    });
    expect(api.service.events()).toHaveLength(1);
  });

  it('takes a time with any offset and keeps it as UTC', async () => {
    await api.post({ ...order, delivery_time: '2030-01-31T20:30:00+02:00' }).expect(201);
    expect(api.service.events()[0]?.payload).toMatchObject({ deliverAt: '2030-01-31T18:30:00.000Z' });
  });

  it('counts the order', async () => {
    await api.placedOrder();
    expect(await api.service.counted('placed_orders')).toBe(1);
  });

  it('does not ask whether the consumer exists: that is for the saga', async () => {
    await api.post({ ...order, consumer_id: newId() }).expect(201);
  });

  it.each<[string, string, unknown]>([
    ['without a consumer', 'consumer_id', { ...order, consumer_id: undefined }],
    ['without a restaurant', 'restaurant_id', { ...order, restaurant_id: undefined }],
    ['without a time', 'delivery_time', { ...order, delivery_time: undefined }],
    ['without an address', 'delivery_address', { ...order, delivery_address: undefined }],
    ['without items', 'line_items', { ...order, line_items: undefined }],
    ['of a consumer whose id is no UUID', 'consumer_id', { ...order, consumer_id: 'me' }],
    ['at a restaurant whose id is no UUID', 'restaurant_id', { ...order, restaurant_id: 17 }],
    ['for a time that is none', 'delivery_time', { ...order, delivery_time: 'tomorrow' }],
    ['for a day that does not exist', 'delivery_time', { ...order, delivery_time: '2030-02-30T10:00:00Z' }],
    ['for a time without an offset', 'delivery_time', { ...order, delivery_time: '2030-01-31T18:30:00' }],
    [
      'for a time that is in the year 10000 in UTC',
      'delivery_time',
      { ...order, delivery_time: '9999-12-31T23:59:59-01:00' },
    ],
    [
      'to an address without a city',
      'delivery_address.city',
      { ...order, delivery_address: { ...home, city: undefined } },
    ],
    [
      'to an address with an empty street',
      'delivery_address.street1',
      { ...order, delivery_address: { ...home, street1: '  ' } },
    ],
    ['to an address that is a text', 'delivery_address', { ...order, delivery_address: '9 Amazing View' }],
    ['of no items', 'line_items', { ...order, line_items: {} }],
    ['of a list of items', 'line_items', { ...order, line_items: [2] }],
    ['of an empty list of items', 'line_items', { ...order, line_items: [] }],
    ['of items that are null', 'line_items', { ...order, line_items: null }],
    ['of 0 of an item', 'line_items.lassi', { ...order, line_items: { lassi: 0 } }],
    ['of less than 0 of an item', 'line_items.lassi', { ...order, line_items: { lassi: -1 } }],
    ['of one and a half of an item', 'line_items.lassi', { ...order, line_items: { lassi: 1.5 } }],
    ['of a quantity that is a text', 'line_items.lassi', { ...order, line_items: { lassi: '1' } }],
    ['of a quantity that is null', 'line_items.lassi', { ...order, line_items: { lassi: null } }],
    ['of a quantity beyond reason', 'line_items.lassi', { ...order, line_items: { lassi: 1e9 } }],
    ['of an item without a name', 'line_items', { ...order, line_items: { '': 1 } }],
    ['that is null', '', null],
    ['that is a list', '', [order]],
  ])('refuses an order %s: 400', async (_what, path, body) => {
    const { errors } = problemIn(await api.postText(JSON.stringify(body)), 400);
    expect(errors?.map((error) => error.path)).toEqual([path]);
    expect(api.service.events()).toEqual([]);
  });

  it('names everything that is wrong at once', async () => {
    const answer = await api.post({ ...order, consumer_id: 'me', line_items: { lassi: 0 } });
    const { errors } = problemIn(answer, 400);
    expect(errors?.map(({ path }) => path).sort()).toEqual(['consumer_id', 'line_items.lassi']);
  });

  it.each([
    ['cut off', '{"consumer_id": '],
    ['no JSON', 'two vindaloos, please'],
    ['empty', ''],
  ])('refuses a body that is %s: 400', async (_what, body) => {
    problemIn(await api.postText(body), 400);
  });

  it('refuses a request without a body: 400', async () => {
    problemIn(await api.request().post('/api/orders'), 400);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])(
    'refuses %s: 415',
    async (type) => {
      problemIn(await api.postText(JSON.stringify(order), type), 415);
    },
  );

  it('refuses a body over 100 kB: 413', async () => {
    problemIn(await api.post({ ...order, remark: 'x'.repeat(100_001) }), 413);
  });

  it('refuses a restaurant that nobody knows: 404', async () => {
    const problem = problemIn(await api.post({ ...order, restaurant_id: ids.nobody }), 404);
    expect(problem).toMatchObject({
      code: 'RESTAURANT_NOT_FOUND',
      detail: `There is no restaurant ${ids.nobody}.`,
    });
  });

  it('refuses an item that the restaurant does not have: 422', async () => {
    const problem = problemIn(await api.post({ ...order, line_items: { vindaloo: 1, pizza: 1 } }), 422);
    expect(problem.code).toBe('MENU_ITEM_NOT_FOUND');
    expect(api.service.events()).toEqual([]);
    expect(await api.service.counted('placed_orders')).toBe(0);
  });

  it.each([
    ['constructor', 422],
    ['toString', 422],
    ['hasOwnProperty', 422],
    ['__proto__', 400],
  ])('does not take %s for an item of the menu: %i', async (name, status) => {
    const items = `{"vindaloo": 1, "${name}": 1}`;
    const body = JSON.stringify({ ...order, line_items: '?' }).replace('"?"', items);
    problemIn(await api.postText(body), status);
    expect(api.service.events()).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  const postWith = (key: string, body: object) =>
    api.request().post('/api/orders').set('Idempotency-Key', key).send(body);

  it('gives the first answer again to the same request, and makes one order', async () => {
    const first = await postWith('key-1', order).expect(201);
    const second = await postWith('key-1', order).expect(201);
    expect(second.body).toEqual(first.body);
    expect(api.service.events()).toHaveLength(1);
    expect(await api.service.counted('placed_orders')).toBe(1);
  });

  it('gives the first answer to requests of one moment, too', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => postWith('key-1', order)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(api.service.events()).toHaveLength(1);
  });

  it('with another body is refused: 422', async () => {
    await postWith('key-1', order).expect(201);
    const answer = await postWith('key-1', { ...order, line_items: { lassi: 7 } });
    expect(problemIn(answer, 422).code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(api.service.events()).toHaveLength(1);
  });

  it('of another request makes another order', async () => {
    await postWith('key-1', order).expect(201);
    await postWith('key-2', order).expect(201);
    expect(api.service.events()).toHaveLength(2);
  });

  it('of a request that was refused may be used again', async () => {
    const body = { ...order, restaurant_id: ids.nobody };
    await postWith('key-1', body).expect(404);
    await postWith('key-1', body).expect(404);
    await postWith('key-1', order).expect(201);
  });

  it('that is unreadable is refused: 400', async () => {
    problemIn(await postWith('two words', order), 400);
  });
});
