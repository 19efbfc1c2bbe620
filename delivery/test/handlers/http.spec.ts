import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { newStory, startDeliveries, type Deliveries } from '../deliveries';

const PROBLEM = /^application\/problem\+json/;

describe('The delivery service over HTTP', () => {
  let deliveries: Deliveries;

  beforeEach(async () => {
    deliveries = await startDeliveries();
  });
  afterEach(() => deliveries.messages.stop());

  const post = (courierId: string) => request(deliveries.app).post(`/api/couriers/${courierId}/availability`);

  describe('POST /api/couriers/:courierID/availability', () => {
    it.each([true, false])('makes a new courier whose availability is %s', async (available) => {
      const id = newId();
      const { body } = await deliveries.setAvailability(id, available).expect(200);
      expect(body).toEqual({ available });
      expect((await deliveries.courier(id).expect(200)).body).toEqual({ id, available, actions: [] });
    });

    it('changes the availability of a courier and leaves the plan as it is', async () => {
      const story = newStory();
      await deliveries.restaurantCreated(story);
      await deliveries.orderCreated(story);
      await deliveries.ticketAccepted(story);
      const id = await deliveries.courierOf(story);
      const { actions } = (await deliveries.courier(id)).body as { actions: unknown[] };
      expect((await deliveries.setAvailability(id, false).expect(200)).body).toEqual({ available: false });
      expect((await deliveries.courier(id)).body).toEqual({ id, available: false, actions });
    });

    it('takes an id in upper case for the same courier', async () => {
      const id = newId();
      await deliveries.setAvailability(id.toUpperCase(), true).expect(200);
      await deliveries.courier(id).expect(200);
    });

    it.each([
      ['nothing', '{}'],
      ['no boolean', '{"available":"yes"}'],
      ['null', '{"available":null}'],
      ['a list', '[]'],
      ['unreadable JSON', '{"available":'],
      ['an empty body', ''],
    ])('answers 400 to %s', async (_what, body) => {
      const id = newId();
      await post(id)
        .set('Content-Type', 'application/json')
        .send(body)
        .expect(400)
        .expect('content-type', PROBLEM);
      await deliveries.courier(id).expect(404);
    });

    it('answers 400 to an id that is no UUID, and names it', async () => {
      const { body } = await post('anybody')
        .send({ available: true })
        .expect(400)
        .expect('content-type', PROBLEM);
      expect(body).toMatchObject({ status: 400, errors: [{ path: 'courierID' }] });
      expect((body as { message: string; detail: string }).message).toBe((body as { detail: string }).detail);
    });

    it('answers 413 to a body over 100 kB', async () => {
      await post(newId())
        .send({ available: true, filling: 'x'.repeat(110_000) })
        .expect(413)
        .expect('content-type', PROBLEM);
    });

    it('answers 415 to a body that is not JSON', async () => {
      await post(newId()).type('form').send('available=true').expect(415).expect('content-type', PROBLEM);
    });
  });

  describe('GET /api/couriers/:courierID', () => {
    it('answers 404 for a courier whom nobody knows', async () => {
      const { body } = await deliveries.courier(newId()).expect(404).expect('content-type', PROBLEM);
      expect(body).toMatchObject({ status: 404, code: 'COURIER_NOT_FOUND' });
    });

    it('answers 400 to an id that is no UUID', async () => {
      await deliveries.courier('1').expect(400).expect('content-type', PROBLEM);
    });
  });

  describe('GET /api/deliveries/:deliveryID', () => {
    it('shows a delivery that waits for its ticket', async () => {
      const story = newStory();
      await deliveries.orderCreated(story);
      expect((await deliveries.delivery(story).expect(200)).body).toEqual({
        id: story.orderId,
        status: 'PENDING',
        assigned_courier: '',
        courier_actions: [],
      });
    });

    it('shows a delivery that has a courier', async () => {
      const story = newStory();
      const courierId = newId();
      await deliveries.setAvailability(courierId, true);
      await deliveries.restaurantCreated(story);
      await deliveries.orderCreated(story);
      await deliveries.ticketAccepted(story);
      expect((await deliveries.delivery(story).expect(200)).body).toEqual({
        id: story.orderId,
        status: 'SCHEDULED',
        assigned_courier: courierId,
        courier_actions: ['PICKUP', 'DROPOFF'],
      });
    });

    it('shows a cancelled delivery with who was to bring it, and nothing to do', async () => {
      const story = newStory();
      await deliveries.restaurantCreated(story);
      await deliveries.orderCreated(story);
      await deliveries.ticketAccepted(story);
      const courierId = await deliveries.courierOf(story);
      await deliveries.ticketCancelled(story);
      expect((await deliveries.delivery(story).expect(200)).body).toEqual({
        id: story.orderId,
        status: 'CANCELLED',
        assigned_courier: courierId,
        courier_actions: [],
      });
    });

    it('answers 404 for an order that nobody knows', async () => {
      const { body } = await deliveries.delivery(newStory()).expect(404).expect('content-type', PROBLEM);
      expect(body).toMatchObject({ status: 404, code: 'DELIVERY_NOT_FOUND' });
    });

    it('answers 404 while only the ticket is known', async () => {
      const story = newStory();
      await deliveries.ticketAccepted(story);
      await deliveries.delivery(story).expect(404);
    });

    it('answers 400 to an id that is no UUID', async () => {
      await request(deliveries.app).get('/api/deliveries/1').expect(400).expect('content-type', PROBLEM);
    });
  });

  it.each([
    ['get', `/api/couriers/${newId()}/availability`, 'OPTIONS, POST'],
    ['delete', `/api/couriers/${newId()}`, 'GET, HEAD, OPTIONS'],
    ['put', `/api/deliveries/${newId()}`, 'GET, HEAD, OPTIONS'],
  ] as const)('answers 405 to %s %s', async (method, path, allow) => {
    const client = request(deliveries.app);
    await client[method](path).expect(405).expect('allow', allow).expect('content-type', PROBLEM);
  });

  it('answers 404 where there is no route', async () => {
    await request(deliveries.app).get('/api/deliveries').expect(404).expect('content-type', PROBLEM);
  });
});
