import { kitchenapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { lineItems, startKitchen, type Kitchen } from '../kitchen';

const PROBLEM = /^application\/problem\+json/;
const READY_BY = '2099-01-31T18:30:00.000Z';

describe('The kitchen service over HTTP', () => {
  let kitchen: Kitchen;

  beforeEach(async () => {
    kitchen = await startKitchen();
  });
  afterEach(() => kitchen.messages.stop());

  const look = (id: string) => request(kitchen.app).get(`/api/tickets/${id}`);
  const accept = (id: string, body: object = { ready_by: READY_BY }) =>
    request(kitchen.app).post(`/api/tickets/${id}/accept`).send(body);

  describe('POST /api/tickets/:ticketID/accept', () => {
    it('accepts a ticket and says so to the others', async () => {
      const { ticketId, orderId } = await kitchen.confirmedTicket();
      const started = Date.now();
      expect((await accept(ticketId).expect(202)).body).toEqual({ id: ticketId });
      const event = kitchen.published().at(-1);
      expect(event).toMatchObject({
        channel: 'kitchenservice.Ticket',
        name: 'kitchenapi.TicketAccepted',
        id: ticketId,
        version: 3,
      });
      const { acceptedAt, ...rest } = kitchenapi.TicketAccepted.payload.parse(event?.payload);
      expect(rest).toEqual({ orderId, readyBy: READY_BY });
      expect(Date.parse(acceptedAt)).toBeGreaterThanOrEqual(started);
      expect(Date.parse(acceptedAt)).toBeLessThanOrEqual(Date.now());
    });

    it('understands a time with another offset', async () => {
      const { ticketId } = await kitchen.confirmedTicket();
      await accept(ticketId, { ready_by: '2099-01-31T20:30:00+02:00' }).expect(202);
      expect((await look(ticketId)).body).toMatchObject({ ready_by: READY_BY });
    });

    it('answers 404 for a ticket that does not exist', async () => {
      const nothing = newId();
      const answer = await accept(nothing).expect(404).expect('content-type', PROBLEM);
      expect(answer.body).toMatchObject({
        status: 404,
        code: 'TICKET_NOT_FOUND',
        detail: `There is no ticket ${nothing}.`,
        message: `There is no ticket ${nothing}.`,
      });
    });

    it('answers 409 for a ticket that is not confirmed', async () => {
      const { ticketId } = await kitchen.openTicket();
      const answer = await accept(ticketId).expect(409).expect('content-type', PROBLEM);
      expect(answer.body).toMatchObject({ code: 'TICKET_STATE' });
    });

    it('answers 409 the second time, and leaves the promise as it is', async () => {
      const { ticketId } = await kitchen.confirmedTicket();
      await accept(ticketId).expect(202);
      await accept(ticketId, { ready_by: '2098-01-31T18:30:00Z' }).expect(409);
      expect((await look(ticketId)).body).toMatchObject({ state: 'Accepted', ready_by: READY_BY });
    });

    it('answers 409 while the ticket is held', async () => {
      const { ticketId, restaurantId } = await kitchen.confirmedTicket();
      await kitchen.messages.command(kitchenapi.BeginCancelTicket, { ticketId, restaurantId });
      await accept(ticketId).expect(409);
    });

    it('answers 422 when the food is to be ready in the past, and does not accept the ticket', async () => {
      const { ticketId } = await kitchen.confirmedTicket();
      const answer = await accept(ticketId, { ready_by: '2020-01-31T18:30:00Z' }).expect(422);
      expect(answer.body).toMatchObject({ status: 422, code: 'READY_BY_NOT_IN_FUTURE' });
      expect((await look(ticketId)).body).toMatchObject({ state: 'AwaitingAcceptance' });
    });

    it.each([
      ['no time', {}],
      ['a time that is no text', { ready_by: 7 }],
      ['a text that is no time', { ready_by: 'soon' }],
      ['a time without an offset', { ready_by: '2099-01-31T18:30:00' }],
      ['a day that does not exist', { ready_by: '2099-02-30T18:30:00Z' }],
    ])('answers 400 to %s, and names the field', async (_case, body) => {
      const { ticketId } = await kitchen.confirmedTicket();
      const answer = await accept(ticketId, body).expect(400).expect('content-type', PROBLEM);
      expect(answer.body).toMatchObject({ status: 400, errors: [{ path: 'ready_by' }] });
    });

    it('answers 400 for an id that is no UUID', async () => {
      const answer = await accept('the-soup').expect(400);
      expect(answer.body).toMatchObject({ errors: [{ path: 'ticketID', message: 'must be a UUID' }] });
    });

    it('answers 400 to unreadable JSON', async () => {
      const path = `/api/tickets/${newId()}/accept`;
      const send = request(kitchen.app).post(path).type('application/json').send('{"ready_by": ');
      await send.expect(400).expect('content-type', PROBLEM);
    });

    it('answers 413 to more than 100 kB', async () => {
      await accept(newId(), { ready_by: READY_BY, rest: 'a'.repeat(101 * 1024) }).expect(413);
    });

    it('answers 415 to another content type', async () => {
      const path = `/api/tickets/${newId()}/accept`;
      await request(kitchen.app).post(path).type('text/plain').send(READY_BY).expect(415);
    });
  });

  describe('GET /api/tickets/:ticketID', () => {
    const lines = lineItems.map(({ menuItemId, ...item }) => ({ menu_item_id: menuItemId, ...item }));

    it('shows a new ticket', async () => {
      const { ticketId, restaurantId, orderId } = await kitchen.openTicket();
      expect((await look(ticketId).expect(200)).body).toEqual({
        id: ticketId,
        order_id: orderId,
        restaurant_id: restaurantId,
        state: 'CreatePending',
        line_items: lines,
      });
    });

    it('takes an id in capitals for the same', async () => {
      const { ticketId } = await kitchen.openTicket();
      expect((await look(ticketId.toUpperCase()).expect(200)).body).toMatchObject({ id: ticketId });
    });

    it('shows what was promised for an accepted ticket', async () => {
      const { ticketId } = await kitchen.confirmedTicket();
      await accept(ticketId);
      const accepted: unknown = expect.stringMatching(/^\d{4}-.*Z$/);
      expect((await look(ticketId)).body).toMatchObject({
        state: 'Accepted',
        ready_by: READY_BY,
        accepted_at: accepted,
      });
    });

    it('shows the promise while an accepted ticket is held, and the old quantities', async () => {
      const { ticketId, restaurantId } = await kitchen.confirmedTicket();
      await accept(ticketId);
      const revision = { ticketId, restaurantId, revisedQuantities: { soup: 5 } };
      await kitchen.messages.command(kitchenapi.BeginReviseTicket, revision);
      expect((await look(ticketId)).body).toMatchObject({
        state: 'RevisionPending',
        ready_by: READY_BY,
        line_items: lines,
      });
    });

    it('answers 404 for a ticket that does not exist', async () => {
      await look(newId()).expect(404).expect('content-type', PROBLEM);
    });

    it('answers 400 for an id that is no UUID', async () => {
      await look('the-soup').expect(400);
    });
  });

  describe('GET /api/restaurants/:restaurantID', () => {
    const restaurant = (id: string) => request(kitchen.app).get(`/api/restaurants/${id}`);

    it('shows that the kitchen knows a restaurant', async () => {
      const id = await kitchen.restaurantJoins();
      expect((await restaurant(id).expect(200)).body).toEqual({ id });
    });

    it('answers 404 for one of which nothing has arrived', async () => {
      const answer = await restaurant(newId()).expect(404).expect('content-type', PROBLEM);
      expect(answer.body).toMatchObject({ code: 'RESTAURANT_NOT_FOUND' });
    });

    it('answers 400 for an id that is no UUID', async () => {
      await restaurant('ajanta').expect(400);
    });
  });

  it('answers 405 to another method, with those that are allowed', async () => {
    await request(kitchen.app).put(`/api/tickets/${newId()}`).expect(405).expect('allow', /GET/);
    await request(kitchen.app).get(`/api/tickets/${newId()}/accept`).expect(405).expect('allow', /POST/);
  });

  it('answers 404 on an unknown route', async () => {
    await request(kitchen.app).get('/api/tickets').expect(404).expect('content-type', PROBLEM);
  });

  it('passes the request’s id on with everything that it causes', async () => {
    const { ticketId } = await kitchen.confirmedTicket();
    await accept(ticketId).set('X-Request-ID', 'a-request').expect('x-request-id', 'a-request');
    expect(kitchen.outbox().at(-1)?.headers).toMatchObject({ 'ce-correlationid': 'a-request' });
  });
});
