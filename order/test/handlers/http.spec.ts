import { ids } from '../sample-orders';
import { Api, order, problemIn, UUID_V7 } from './api';

let api: Api;
beforeEach(async () => {
  api = await Api.open();
});

it('the OpenAPI document tells what quantities there are, ordered and revised', async () => {
  const { body } = await api.request().get('/api/openapi.json').expect(200);
  const schemaOf = (path: string, method: string): unknown =>
    body.paths[path][method].requestBody.content['application/json'].schema;
  const quantities = (minimum: number) => ({
    type: 'object',
    minProperties: 1,
    propertyNames: { type: 'string', pattern: expect.stringContaining('A-Za-z0-9') },
    additionalProperties: { type: 'integer', minimum, maximum: 10_000 },
  });
  expect(schemaOf('/api/orders', 'post')).toMatchObject({ properties: { line_items: quantities(1) } });
  expect(schemaOf('/api/orders/{orderID}/revise', 'put')).toMatchObject({
    properties: { revised_quantities: quantities(0) },
  });
});

describe('GET /api/orders/:orderID', () => {
  it('shows an order that waits for its approval', async () => {
    const id = await api.placedOrder();
    const answer = await api.request().get(`/api/orders/${id}`).expect(200);
    expect(answer.body).toEqual({
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
    const id = await api.approvedOrder();
    const answer = await api.request().get(`/api/orders/${id}`).expect(200);
    expect(answer.body).toMatchObject({ state: 'Approved', ticket_id: ids.ticket });
  });

  it('knows an order by its id in capitals, too', async () => {
    const id = await api.placedOrder();
    const answer = await api.request().get(`/api/orders/${id.toUpperCase()}`).expect(200);
    expect(answer.body).toMatchObject({ order_id: id });
  });

  it('is 404 for an order that nobody placed', async () => {
    const problem = problemIn(await api.request().get(`/api/orders/${ids.nobody}`), 404);
    expect(problem.code).toBe('ORDER_NOT_FOUND');
  });

  it.each(['17', 'constructor', '%00', "1'--"])('is 400 for the id %s, which is no UUID', async (id) => {
    problemIn(await api.request().get(`/api/orders/${id}`), 400);
  });
});

describe('PUT /api/orders/:orderID/cancel', () => {
  const cancel = (id: string) => api.request().put(`/api/orders/${id}/cancel`);

  it('holds the order and starts the saga', async () => {
    const id = await api.approvedOrder();
    await cancel(id).expect(202, { status: 'CancelPending' });
    expect((await api.service.order(id)).status).toBe('CancelPending');
    expect(api.service.lastCommand().headers['ce-type']).toBe('kitchenapi.BeginCancelTicket');
  });

  it('is 409 while the order waits for its approval', async () => {
    expect(problemIn(await cancel(await api.placedOrder()), 409).code).toBe('ORDER_STATE');
    expect(api.service.commands()).toEqual([]);
  });

  it('is 409 the second time, and starts no second saga', async () => {
    const id = await api.approvedOrder();
    await cancel(id).expect(202);
    problemIn(await cancel(id), 409);
    expect(api.service.sagas()).toHaveLength(1);
  });

  it('succeeds for one of many that ask at once', async () => {
    const id = await api.approvedOrder();
    const answers = await Promise.all(Array.from({ length: 5 }, () => cancel(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409]);
    expect(api.service.sagas()).toHaveLength(1);
  });

  it('is 409 while the order is being revised', async () => {
    const id = await api.approvedOrder();
    await api
      .request()
      .put(`/api/orders/${id}/revise`)
      .send({ revised_quantities: { lassi: 2 } })
      .expect(202);
    problemIn(await cancel(id), 409);
  });

  it('is 404 for an order that nobody placed', async () => {
    problemIn(await cancel(ids.nobody), 404);
  });

  it('is 400 for an id that is no UUID', async () => {
    problemIn(await cancel('17'), 400);
  });

  it('needs no body and ignores one', async () => {
    const id = await api.approvedOrder();
    await cancel(id).set('Content-Type', 'text/plain').send('please').expect(202);
  });
});

describe('PUT /api/orders/:orderID/revise', () => {
  const revise = (id: string, body: unknown) =>
    api
      .request()
      .put(`/api/orders/${id}/revise`)
      .send(body as object);
  const fewer = { revised_quantities: { vindaloo: 1 } };

  it('holds the order and starts the saga', async () => {
    const id = await api.approvedOrder();
    await revise(id, fewer).expect(202, { status: 'RevisionPending' });
    expect((await api.service.order(id)).status).toBe('RevisionPending');
    expect(api.service.lastCommand().headers['ce-type']).toBe('kitchenapi.BeginReviseTicket');
  });

  it('takes an item off the bill by a quantity of 0', async () => {
    await revise(await api.approvedOrder(), { revised_quantities: { lassi: 0 } }).expect(202);
    expect(api.service.events().at(-1)?.payload).toMatchObject({ newOrderTotal: 2468 });
  });

  it.each<[string, string, unknown]>([
    ['without quantities', 'revised_quantities', {}],
    ['of no items', 'revised_quantities', { revised_quantities: {} }],
    ['to less than 0', 'revised_quantities.lassi', { revised_quantities: { lassi: -1 } }],
    ['to one and a half', 'revised_quantities.lassi', { revised_quantities: { lassi: 1.5 } }],
    ['to a text', 'revised_quantities.lassi', { revised_quantities: { lassi: '1' } }],
    ['to a list', 'revised_quantities', { revised_quantities: [1] }],
  ])('refuses a revision %s: 400', async (_what, path, body) => {
    const { errors } = problemIn(await revise(await api.approvedOrder(), body), 400);
    expect(errors?.map((error) => error.path)).toEqual([path]);
  });

  it.each([
    ['pizza', 422],
    ['constructor', 422],
    ['__proto__', 400],
  ])('refuses %s, which was not ordered: %i', async (name, status) => {
    const id = await api.approvedOrder();
    const answer = await api
      .request()
      .put(`/api/orders/${id}/revise`)
      .set('Content-Type', 'application/json')
      .send(`{"revised_quantities": {"lassi": 2, "${name}": 1}}`);
    problemIn(answer, status);
    expect((await api.service.order(id)).status).toBe('Approved');
  });

  it('refuses a revision that leaves nothing to pay: 422', async () => {
    const answer = await revise(await api.approvedOrder(), { revised_quantities: { vindaloo: 0, lassi: 0 } });
    expect(problemIn(answer, 422).code).toBe('NOTHING_LEFT_TO_PAY');
    expect(api.service.commands()).toEqual([]);
  });

  it('is 409 while the order waits for its approval', async () => {
    expect(problemIn(await revise(await api.placedOrder(), fewer), 409).code).toBe('ORDER_STATE');
  });

  it('is 409 while a revision is under way', async () => {
    const id = await api.approvedOrder();
    await revise(id, fewer).expect(202);
    problemIn(await revise(id, fewer), 409);
  });

  it('is 404 for an order that nobody placed', async () => {
    problemIn(await revise(ids.nobody, fewer), 404);
  });

  it('is 400 for an id that is no UUID', async () => {
    problemIn(await revise('17', fewer), 400);
  });

  it('refuses a body that is no JSON: 400, and one of another type: 415', async () => {
    const id = await api.approvedOrder();
    const put = (type: string) =>
      api.request().put(`/api/orders/${id}/revise`).set('Content-Type', type).send('{');
    problemIn(await put('application/json'), 400);
    problemIn(await put('text/plain'), 415);
  });
});

describe('GET /api/restaurants/:restaurantID', () => {
  it('says that orders can be placed there', async () => {
    await api.request().get(`/api/restaurants/${ids.restaurant}`).expect(200, { id: ids.restaurant });
  });

  it('is 404 for a restaurant that is not known here', async () => {
    expect(problemIn(await api.request().get(`/api/restaurants/${ids.nobody}`), 404).code).toBe(
      'RESTAURANT_NOT_FOUND',
    );
  });

  it('is 400 for an id that is no UUID', async () => {
    problemIn(await api.request().get('/api/restaurants/ajanta'), 400);
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
    const answer = await api.request()[method](path);
    problemIn(answer, 405);
    expect(answer.get('Allow')).toBe(allowed);
  });

  it.each(['/', '/api', '/api/tickets', `/api/orders/${ids.order}/eat`])('of %s is 404', async (path) => {
    problemIn(await api.request().get(path), 404);
  });

  it('gets its X-Request-ID back, and the order remembers it', async () => {
    await api
      .post(order)
      .set('X-Request-ID', 'my-request-1')
      .expect(201)
      .expect('X-Request-ID', 'my-request-1');
    expect(api.service.outbox()[0]?.headers).toMatchObject({
      'ce-correlationid': 'my-request-1',
      'ce-causationid': 'my-request-1',
    });
  });

  it('gets an X-Request-ID of ours when it brings none', async () => {
    await api.request().get(`/api/orders/${ids.nobody}`).expect('X-Request-ID', UUID_V7);
  });

  it('passes its trace on to what it causes', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    await api.post(order).set('traceparent', `00-${trace}-00f067aa0ba902b7-01`).expect(201);
    expect(api.service.outbox()[0]?.headers['traceparent']).toContain(trace);
  });
});
