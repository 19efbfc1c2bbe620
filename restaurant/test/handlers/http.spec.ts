import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { address, ajanta, cake, soup, startRestaurants, type RestaurantService } from '../restaurants';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PROBLEM = /^application\/problem\+json/;
const menuOf = (...menu_items: readonly unknown[]) => ({ menu: { menu_items } });

describe('The restaurant service over HTTP', () => {
  let restaurants: RestaurantService;

  beforeEach(async () => {
    restaurants = await startRestaurants();
  });
  afterEach(() => restaurants.messages.stop());

  const add = (body: object = ajanta) => request(restaurants.app).post('/api/restaurants').send(body);
  const added = async (body: object = ajanta): Promise<string> =>
    ((await add(body).expect(201)).body as { id: string }).id;
  const look = (id: string) => request(restaurants.app).get(`/api/restaurants/${id}`);
  const revise = (id: string, body: object) =>
    request(restaurants.app).put(`/api/restaurants/${id}/menu`).send(body);

  /** Menus that nobody can serve, with the field that is wrong. */
  const wrongMenus: [string, string, object][] = [
    ['no menu', 'menu', {}],
    ['a menu without items', 'menu.menu_items', { menu: {} }],
    ['items that are no list', 'menu.menu_items', { menu: { menu_items: soup } }],
    ['an item without a price', 'menu.menu_items.0.price', menuOf({ id: 'soup', name: 'Soup' })],
    ['a negative price', 'menu.menu_items.1.price', menuOf(soup, { ...cake, price: -1 })],
    ['a fraction of a cent', 'menu.menu_items.0.price', menuOf({ ...soup, price: 4.5 })],
    ['a price as text', 'menu.menu_items.0.price', menuOf({ ...soup, price: '450' })],
    ['an item without a name', 'menu.menu_items.0.name', menuOf({ ...soup, name: ' ' })],
    ['an item without an id', 'menu.menu_items.0.id', menuOf({ ...soup, id: '' })],
    ['the same id twice', 'menu.menu_items', menuOf(soup, { ...cake, id: 'soup' })],
  ];

  describe('POST /api/restaurants', () => {
    it('adds a restaurant under a new id and says so to the others', async () => {
      const id = await added();
      expect(id).toMatch(UUID_V7);
      expect(restaurants.published()).toEqual([
        {
          channel: 'restaurantservice.Restaurant',
          name: 'restaurantapi.RestaurantCreated',
          id,
          version: 1,
          payload: { name: 'Ajanta', address, menu: [soup, cake] },
        },
      ]);
    });

    it('gives the first answer again to the same Idempotency-Key, and adds no other', async () => {
      const first = await add().set('Idempotency-Key', 'one').expect(201);
      const second = await add().set('Idempotency-Key', 'one').expect(201);
      expect(second.body).toEqual(first.body);
      expect(restaurants.published()).toHaveLength(1);
    });

    it('answers 422 to the same Idempotency-Key with another body', async () => {
      await add().set('Idempotency-Key', 'one').expect(201);
      const other = add({ ...ajanta, name: 'Other' }).set('Idempotency-Key', 'one');
      await other.expect(422).expect('content-type', PROBLEM);
      expect(restaurants.published()).toHaveLength(1);
    });

    it('adds two restaurants for two keys, or for none', async () => {
      await add().set('Idempotency-Key', 'one').expect(201);
      await add().set('Idempotency-Key', 'two').expect(201);
      await add().expect(201);
      expect(new Set(restaurants.published().map(({ id }) => id)).size).toBe(3);
    });

    it.each<[string, string, object]>([
      ['no name', 'name', { ...ajanta, name: undefined }],
      ['an empty name', 'name', { ...ajanta, name: '  ' }],
      ['no address', 'address', { ...ajanta, address: undefined }],
      ['an address without a city', 'address.city', { ...ajanta, address: { ...address, city: undefined } }],
      ...wrongMenus.map<[string, string, object]>(([what, path, menu]) => [
        what,
        path,
        { ...ajanta, menu: undefined, ...menu },
      ]),
    ])('answers 400 to %s, and names the field', async (_case, path, body) => {
      const answer = await add(body).expect(400).expect('content-type', PROBLEM);
      const { message, detail } = answer.body as { message: string; detail: string };
      expect(answer.body).toMatchObject({ status: 400, errors: [{ path }] });
      expect(message).toBe(detail);
      expect(restaurants.published()).toEqual([]);
    });

    it('answers 400 to unreadable JSON', async () => {
      const send = request(restaurants.app)
        .post('/api/restaurants')
        .type('application/json')
        .send('{"name": ');
      await send.expect(400).expect('content-type', PROBLEM);
    });

    it('answers 413 to more than 100 kB', async () => {
      await add({ ...ajanta, rest: 'a'.repeat(101 * 1024) }).expect(413);
    });

    it('answers 415 to another content type', async () => {
      await request(restaurants.app).post('/api/restaurants').type('text/plain').send('Ajanta').expect(415);
    });
  });

  describe('GET /api/restaurants/:restaurantID', () => {
    it('shows a restaurant, with its menu in its order', async () => {
      const id = await added();
      expect((await look(id).expect(200)).body).toEqual({ id, ...ajanta });
    });

    it('shows a restaurant with an empty menu', async () => {
      const id = await added({ ...ajanta, ...menuOf() });
      expect((await look(id).expect(200)).body).toMatchObject(menuOf());
    });

    it('takes an id in capitals for the same', async () => {
      const id = await added();
      expect((await look(id.toUpperCase()).expect(200)).body).toMatchObject({ id });
    });

    it('answers 404 for a restaurant that does not exist', async () => {
      const nothing = newId();
      const answer = await look(nothing).expect(404).expect('content-type', PROBLEM);
      expect(answer.body).toMatchObject({ status: 404, detail: `There is no restaurant ${nothing}.` });
    });

    it('answers 400 for an id that is no UUID', async () => {
      const answer = await look('ajanta').expect(400);
      expect(answer.body).toMatchObject({ errors: [{ path: 'restaurantID', message: 'must be a UUID' }] });
    });
  });

  describe('PUT /api/restaurants/:restaurantID/menu', () => {
    it('replaces the menu and says so to the others', async () => {
      const id = await added();
      const tea = { id: 'tea', name: 'Tea', price: 0 };
      expect((await revise(id, menuOf(cake, tea)).expect(200)).body).toEqual({ id });
      expect((await look(id)).body).toEqual({ id, ...ajanta, ...menuOf(cake, tea) });
      expect(restaurants.published().at(-1)).toEqual({
        channel: 'restaurantservice.Restaurant',
        name: 'restaurantapi.RestaurantMenuRevised',
        id,
        version: 2,
        payload: { menu: [cake, tea] },
      });
    });

    it('gives each menu the next version', async () => {
      const id = await added();
      for (const item of [soup, cake, soup]) await revise(id, menuOf(item)).expect(200);
      expect(restaurants.published().map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    });

    it('answers 404 for a restaurant that does not exist, and says nothing', async () => {
      await revise(newId(), menuOf(soup)).expect(404).expect('content-type', PROBLEM);
      expect(restaurants.published()).toEqual([]);
    });

    it.each(wrongMenus)('answers 400 to %s, and names the field', async (_case, path, body) => {
      const id = await added();
      const answer = await revise(id, body).expect(400).expect('content-type', PROBLEM);
      expect(answer.body).toMatchObject({ status: 400, errors: [{ path }] });
      expect((await look(id)).body).toEqual({ id, ...ajanta });
    });

    it('answers 400 for an id that is no UUID', async () => {
      await revise('ajanta', menuOf(soup)).expect(400);
    });
  });

  it('answers 405 to another method, with those that are allowed', async () => {
    await request(restaurants.app).delete('/api/restaurants').expect(405).expect('allow', /POST/);
    await request(restaurants.app)
      .post(`/api/restaurants/${newId()}/menu`)
      .expect(405)
      .expect('allow', /PUT/);
  });

  it('answers 404 on an unknown route', async () => {
    await request(restaurants.app).get('/api/kitchens').expect(404).expect('content-type', PROBLEM);
  });

  it('passes the request’s id on with everything that it causes', async () => {
    await add().set('X-Request-ID', 'a-request').expect('x-request-id', 'a-request');
    expect(restaurants.outbox()[0]?.headers).toMatchObject({ 'ce-correlationid': 'a-request' });
  });
});
