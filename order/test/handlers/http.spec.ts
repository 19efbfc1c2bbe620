import request from 'supertest';
import { orderapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import { OrderService } from '../order-service';
import { home, ids } from '../sample-orders';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const order = {
  consumer_id: ids.consumer,
  restaurant_id: ids.restaurant,
  delivery_time: '2030-01-31T18:30:00Z',
  delivery_address: home,
  line_items: { vindaloo: 2, lassi: 1 },
};

let service: OrderService;
beforeEach(async () => {
  service = await OrderService.withAjanta();
});

const api = () => request(service.app);
const post = (body: unknown) =>
  api()
    .post('/api/orders')
    .send(body as object);
const postText = (body: string, type = 'application/json') =>
  api().post('/api/orders').set('Content-Type', type).send(body);

async function placedOrder(): Promise<string> {
  const { body } = await post(order).expect(201);
  return (body as { id: string }).id;
}

async function approvedOrder(): Promise<string> {
  const id = await placedOrder();
  await service.messages.command(orderapi.ApproveOrder, { orderId: id, ticketId: ids.ticket });
  return id;
}

/** What every error answer must have; the rest is compared by each spec. */
function expectProblem(
  { status, type, body }: { status: number; type: string; body: unknown },
  expected: number,
): { code?: string; errors?: { path: string; message: string }[]; detail: string } {
  expect({ status, type }).toEqual({ status: expected, type: 'application/problem+json' });
  const problem = body as { title: string; detail: string; message: string; status: number };
  expect(problem).toMatchObject({ status: expected, type: expect.any(String), title: expect.any(String) });
  expect(problem.message).toBe(problem.detail);
  expect(problem.detail).not.toBe('');
  return problem;
}

describe('POST /api/orders', () => {
  it('places an order under an id of our own', async () => {
    const { body } = await post(order)
      .expect(201)
      .expect('Content-Type', /^application\/json/);
    expect(body).toEqual({ id: expect.stringMatching(UUID_V7) });
  });

  it('publishes what was ordered, at the prices of the menu', async () => {
    const id = await placedOrder();
    expect(service.events()).toEqual([
      {
        channel: 'orderservice.Order',
        name: 'orderapi.OrderCreated',
        id,
        version: 1,
        payload: expect.objectContaining({
          restaurantName: 'Ajanta',
          orderTotal: 2867,
          deliverAt: '2030-01-31T18:30:00.000Z',
          deliverTo: home,
        }),
      },
    ]);
  });

  it('takes a time with any offset and keeps it as UTC', async () => {
    await post({ ...order, delivery_time: '2030-01-31T20:30:00+02:00' }).expect(201);
    expect(service.events()[0]?.payload).toMatchObject({ deliverAt: '2030-01-31T18:30:00.000Z' });
  });

  it('counts the order', async () => {
    await placedOrder();
    expect(await service.counted('placed_orders')).toBe(1);
  });

  it('does not ask whether the consumer exists: that is for the saga', async () => {
    await post({ ...order, consumer_id: newId() }).expect(201);
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
    const { errors } = expectProblem(await postText(JSON.stringify(body)), 400);
    expect(errors).toEqual([{ path, message: expect.stringMatching(/./) }]);
    expect(service.events()).toEqual([]);
  });

  it('names everything that is wrong at once', async () => {
    const answer = await post({ ...order, consumer_id: 'me', line_items: { lassi: 0 } });
    const { errors } = expectProblem(answer, 400);
    expect(errors?.map(({ path }) => path).sort()).toEqual(['consumer_id', 'line_items.lassi']);
  });

  it.each([
    ['cut off', '{"consumer_id": '],
    ['no JSON', 'two vindaloos, please'],
    ['empty', ''],
  ])('refuses a body that is %s: 400', async (_what, body) => {
    expectProblem(await postText(body), 400);
  });

  it('refuses a request without a body: 400', async () => {
    expectProblem(await api().post('/api/orders'), 400);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])(
    'refuses %s: 415',
    async (type) => {
      expectProblem(await postText(JSON.stringify(order), type), 415);
    },
  );

  it('refuses a body over 100 kB: 413', async () => {
    expectProblem(await post({ ...order, remark: 'x'.repeat(100_001) }), 413);
  });

  it('refuses a restaurant that nobody knows: 404', async () => {
    const problem = expectProblem(await post({ ...order, restaurant_id: ids.nobody }), 404);
    expect(problem).toMatchObject({
      code: 'RESTAURANT_NOT_FOUND',
      detail: `There is no restaurant ${ids.nobody}.`,
    });
  });

  it('refuses an item that the restaurant does not have: 422', async () => {
    const problem = expectProblem(await post({ ...order, line_items: { vindaloo: 1, pizza: 1 } }), 422);
    expect(problem.code).toBe('MENU_ITEM_NOT_FOUND');
    expect(service.events()).toEqual([]);
    expect(await service.counted('placed_orders')).toBe(0);
  });

  it.each([
    ['constructor', 422],
    ['toString', 422],
    ['hasOwnProperty', 422],
    ['__proto__', 400],
  ])('does not take %s for an item of the menu: %i', async (name, status) => {
    const items = `{"vindaloo": 1, "${name}": 1}`;
    const body = JSON.stringify({ ...order, line_items: '?' }).replace('"?"', items);
    expectProblem(await postText(body), status);
    expect(service.events()).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  const postWith = (key: string, body: object) =>
    api().post('/api/orders').set('Idempotency-Key', key).send(body);

  it('gives the first answer again to the same request, and makes one order', async () => {
    const first = await postWith('key-1', order).expect(201);
    const second = await postWith('key-1', order).expect(201);
    expect(second.body).toEqual(first.body);
    expect(service.events()).toHaveLength(1);
    expect(await service.counted('placed_orders')).toBe(1);
  });

  it('gives the first answer to requests of one moment, too', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => postWith('key-1', order)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(service.events()).toHaveLength(1);
  });

  it('with another body is refused: 422', async () => {
    await postWith('key-1', order).expect(201);
    const answer = await postWith('key-1', { ...order, line_items: { lassi: 7 } });
    expect(expectProblem(answer, 422).code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(service.events()).toHaveLength(1);
  });

  it('of another request makes another order', async () => {
    await postWith('key-1', order).expect(201);
    await postWith('key-2', order).expect(201);
    expect(service.events()).toHaveLength(2);
  });

  it('of a request that was refused may be used again', async () => {
    const body = { ...order, restaurant_id: ids.nobody };
    await postWith('key-1', body).expect(404);
    await postWith('key-1', body).expect(404);
    await postWith('key-1', order).expect(201);
  });

  it('that is unreadable is refused: 400', async () => {
    expectProblem(await postWith('two words', order), 400);
  });
});

describe('GET /api/orders/:orderID', () => {
  it('shows an order that waits for its approval', async () => {
    const id = await placedOrder();
    const { body } = await api().get(`/api/orders/${id}`).expect(200);
    expect(body).toEqual({
      order_id: id,
      state: 'ApprovalPending',
      order_total: 2867,
      consumer_id: ids.consumer,
      restaurant_id: ids.restaurant,
      line_items: [
        { menu_item_id: 'vindaloo', name: 'Chicken Vindaloo', price: 1234, quantity: 2 },
        { menu_item_id: 'lassi', name: 'Mango Lassi', price: 399, quantity: 1 },
      ],
    });
  });

  it('shows the ticket of an order that is approved', async () => {
    const id = await approvedOrder();
    const { body } = await api().get(`/api/orders/${id}`).expect(200);
    expect(body).toMatchObject({ state: 'Approved', ticket_id: ids.ticket });
  });

  it('knows an order by its id in capitals, too', async () => {
    const id = await placedOrder();
    const { body } = await api().get(`/api/orders/${id.toUpperCase()}`).expect(200);
    expect(body).toMatchObject({ order_id: id });
  });

  it('is 404 for an order that nobody placed', async () => {
    const problem = expectProblem(await api().get(`/api/orders/${ids.nobody}`), 404);
    expect(problem.code).toBe('ORDER_NOT_FOUND');
  });

  it.each(['17', 'constructor', '%00', "1'--"])('is 400 for the id %s, which is no UUID', async (id) => {
    expectProblem(await api().get(`/api/orders/${id}`), 400);
  });
});

describe('PUT /api/orders/:orderID/cancel', () => {
  const cancel = (id: string) => api().put(`/api/orders/${id}/cancel`);

  it('holds the order and starts the saga', async () => {
    const id = await approvedOrder();
    await cancel(id).expect(202, { status: 'CancelPending' });
    expect((await service.order(id)).status).toBe('CancelPending');
    expect(service.lastCommand().headers['ce-type']).toBe('kitchenapi.BeginCancelTicket');
  });

  it('is 409 while the order waits for its approval', async () => {
    expect(expectProblem(await cancel(await placedOrder()), 409).code).toBe('ORDER_STATE');
    expect(service.commands()).toEqual([]);
  });

  it('is 409 the second time, and starts no second saga', async () => {
    const id = await approvedOrder();
    await cancel(id).expect(202);
    expectProblem(await cancel(id), 409);
    expect(service.sagas()).toHaveLength(1);
  });

  it('succeeds for one of many that ask at once', async () => {
    const id = await approvedOrder();
    const answers = await Promise.all(Array.from({ length: 5 }, () => cancel(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409]);
    expect(service.sagas()).toHaveLength(1);
  });

  it('is 409 while the order is being revised', async () => {
    const id = await approvedOrder();
    await api()
      .put(`/api/orders/${id}/revise`)
      .send({ revised_quantities: { lassi: 2 } })
      .expect(202);
    expectProblem(await cancel(id), 409);
  });

  it('is 404 for an order that nobody placed', async () => {
    expectProblem(await cancel(ids.nobody), 404);
  });

  it('is 400 for an id that is no UUID', async () => {
    expectProblem(await cancel('17'), 400);
  });

  it('needs no body and ignores one', async () => {
    const id = await approvedOrder();
    await cancel(id).set('Content-Type', 'text/plain').send('please').expect(202);
  });
});

describe('PUT /api/orders/:orderID/revise', () => {
  const revise = (id: string, body: unknown) =>
    api()
      .put(`/api/orders/${id}/revise`)
      .send(body as object);
  const fewer = { revised_quantities: { vindaloo: 1 } };

  it('holds the order and starts the saga', async () => {
    const id = await approvedOrder();
    await revise(id, fewer).expect(202, { status: 'RevisionPending' });
    expect((await service.order(id)).status).toBe('RevisionPending');
    expect(service.lastCommand().headers['ce-type']).toBe('kitchenapi.BeginReviseTicket');
  });

  it('takes an item off the bill by a quantity of 0', async () => {
    await revise(await approvedOrder(), { revised_quantities: { lassi: 0 } }).expect(202);
    expect(service.events().at(-1)?.payload).toMatchObject({ newOrderTotal: 2468 });
  });

  it.each<[string, string, unknown]>([
    ['without quantities', 'revised_quantities', {}],
    ['of no items', 'revised_quantities', { revised_quantities: {} }],
    ['to less than 0', 'revised_quantities.lassi', { revised_quantities: { lassi: -1 } }],
    ['to one and a half', 'revised_quantities.lassi', { revised_quantities: { lassi: 1.5 } }],
    ['to a text', 'revised_quantities.lassi', { revised_quantities: { lassi: '1' } }],
    ['to a list', 'revised_quantities', { revised_quantities: [1] }],
  ])('refuses a revision %s: 400', async (_what, path, body) => {
    const { errors } = expectProblem(await revise(await approvedOrder(), body), 400);
    expect(errors?.map((error) => error.path)).toEqual([path]);
  });

  it.each([
    ['pizza', 422],
    ['constructor', 422],
    ['__proto__', 400],
  ])('refuses %s, which was not ordered: %i', async (name, status) => {
    const id = await approvedOrder();
    const answer = await api()
      .put(`/api/orders/${id}/revise`)
      .set('Content-Type', 'application/json')
      .send(`{"revised_quantities": {"lassi": 2, "${name}": 1}}`);
    expectProblem(answer, status);
    expect((await service.order(id)).status).toBe('Approved');
  });

  it('refuses a revision that leaves nothing to pay: 422', async () => {
    const answer = await revise(await approvedOrder(), { revised_quantities: { vindaloo: 0, lassi: 0 } });
    expect(expectProblem(answer, 422).code).toBe('NOTHING_LEFT_TO_PAY');
    expect(service.commands()).toEqual([]);
  });

  it('is 409 while the order waits for its approval', async () => {
    expect(expectProblem(await revise(await placedOrder(), fewer), 409).code).toBe('ORDER_STATE');
  });

  it('is 409 while a revision is under way', async () => {
    const id = await approvedOrder();
    await revise(id, fewer).expect(202);
    expectProblem(await revise(id, fewer), 409);
  });

  it('is 404 for an order that nobody placed', async () => {
    expectProblem(await revise(ids.nobody, fewer), 404);
  });

  it('is 400 for an id that is no UUID', async () => {
    expectProblem(await revise('17', fewer), 400);
  });

  it('refuses a body that is no JSON: 400, and one of another type: 415', async () => {
    const id = await approvedOrder();
    const put = (type: string) => api().put(`/api/orders/${id}/revise`).set('Content-Type', type).send('{');
    expectProblem(await put('application/json'), 400);
    expectProblem(await put('text/plain'), 415);
  });
});

describe('GET /api/restaurants/:restaurantID', () => {
  it('says that orders can be placed there', async () => {
    await api().get(`/api/restaurants/${ids.restaurant}`).expect(200, { id: ids.restaurant });
  });

  it('is 404 for a restaurant that is not known here', async () => {
    expect(expectProblem(await api().get(`/api/restaurants/${ids.nobody}`), 404).code).toBe(
      'RESTAURANT_NOT_FOUND',
    );
  });

  it('is 400 for an id that is no UUID', async () => {
    expectProblem(await api().get('/api/restaurants/ajanta'), 400);
  });
});

describe('any request', () => {
  it.each([
    ['put', '/api/orders', 'OPTIONS, POST'],
    ['delete', `/api/orders/${ids.order}`, 'GET, HEAD, OPTIONS'],
    ['post', `/api/orders/${ids.order}/cancel`, 'OPTIONS, PUT'],
    ['get', `/api/orders/${ids.order}/revise`, 'OPTIONS, PUT'],
    ['put', `/api/restaurants/${ids.restaurant}`, 'GET, HEAD, OPTIONS'],
  ] as const)('that is a %s of %s is 405 and is told %s', async (method, path, allowed) => {
    const answer = await api()[method](path);
    expectProblem(answer, 405);
    expect(answer.get('Allow')).toBe(allowed);
  });

  it.each(['/', '/api', '/api/tickets', `/api/orders/${ids.order}/eat`])('of %s is 404', async (path) => {
    expectProblem(await api().get(path), 404);
  });

  it('gets its X-Request-ID back, and the order remembers it', async () => {
    await post(order).set('X-Request-ID', 'my-request-1').expect(201).expect('X-Request-ID', 'my-request-1');
    expect(service.outbox()[0]?.headers).toMatchObject({
      'ce-correlationid': 'my-request-1',
      'ce-causationid': 'my-request-1',
    });
  });

  it('gets an X-Request-ID of ours when it brings none', async () => {
    await api().get(`/api/orders/${ids.nobody}`).expect('X-Request-ID', UUID_V7);
  });

  it('passes its trace on to what it causes', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    await post(order).set('traceparent', `00-${trace}-00f067aa0ba902b7-01`).expect(201);
    expect(service.outbox()[0]?.headers['traceparent']).toContain(trace);
  });
});
