import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { startConsumers, type Consumers } from '../consumers';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PROBLEM = /^application\/problem\+json/;

describe('The consumer service over HTTP', () => {
  let consumers: Consumers;

  beforeEach(async () => {
    consumers = await startConsumers();
  });
  afterEach(() => consumers.messages.stop());

  const register = (body: object) => request(consumers.app).post('/api/consumers').send(body);
  const registered = async (name: string): Promise<string> =>
    ((await register({ name }).expect(201)).body as { id: string }).id;
  const look = (id: string) => request(consumers.app).get(`/api/consumers/${id}`);
  const rename = (id: string, body: object) =>
    request(consumers.app).put(`/api/consumers/${id}/rename`).send(body);

  describe('POST /api/consumers', () => {
    it('registers a consumer under a new id and says so to the others', async () => {
      const id = await registered('Ann');
      expect(id).toMatch(UUID_V7);
      expect(consumers.published()).toEqual([
        {
          channel: 'consumerservice.Consumer',
          name: 'consumerapi.ConsumerRegistered',
          id,
          version: 1,
          payload: { name: 'Ann' },
        },
      ]);
    });

    it('takes the spaces around a name away', async () => {
      const id = await registered('  Ann  ');
      expect((await look(id)).body).toMatchObject({ name: 'Ann' });
    });

    it('gives the first answer again to the same Idempotency-Key, and registers nobody new', async () => {
      const first = await register({ name: 'Ann' }).set('Idempotency-Key', 'one').expect(201);
      const second = await register({ name: 'Ann' }).set('Idempotency-Key', 'one').expect(201);
      expect(second.body).toEqual(first.body);
      expect(consumers.published()).toHaveLength(1);
    });

    it('answers 422 to the same Idempotency-Key with another body', async () => {
      await register({ name: 'Ann' }).set('Idempotency-Key', 'one').expect(201);
      await register({ name: 'Bea' })
        .set('Idempotency-Key', 'one')
        .expect(422)
        .expect('content-type', PROBLEM);
      expect(consumers.published()).toHaveLength(1);
    });

    it('registers two consumers of one name for two keys, or for none', async () => {
      await register({ name: 'Ann' }).set('Idempotency-Key', 'one').expect(201);
      await register({ name: 'Ann' }).set('Idempotency-Key', 'two').expect(201);
      await register({ name: 'Ann' }).expect(201);
      expect(new Set(consumers.published().map(({ id }) => id)).size).toBe(3);
    });

    it.each([
      ['no name', {}],
      ['an empty name', { name: '' }],
      ['a name of spaces', { name: '   ' }],
      ['a name that is no text', { name: 7 }],
      ['a name of more than 200 characters', { name: 'a'.repeat(201) }],
      ['a name that can’t be stored', { name: 'A\u0000nn' }],
    ])('answers 400 to %s, and names the field', async (_case, body) => {
      const answer = await register(body).expect(400).expect('content-type', PROBLEM);
      expect(answer.body).toMatchObject({ status: 400, errors: [{ path: 'name' }] });
      expect(answer.body.message).toBe(answer.body.detail);
      expect(consumers.published()).toEqual([]);
    });

    it('answers 400 to unreadable JSON', async () => {
      await request(consumers.app)
        .post('/api/consumers')
        .set('content-type', 'application/json')
        .send('{"name": ')
        .expect(400)
        .expect('content-type', PROBLEM);
    });

    it('answers 413 to more than 100 kB', async () => {
      await register({ name: 'Ann', rest: 'a'.repeat(101 * 1024) }).expect(413);
    });

    it('answers 415 to another content type', async () => {
      await request(consumers.app).post('/api/consumers').type('text/plain').send('Ann').expect(415);
    });
  });

  describe('GET /api/consumers/:consumerID', () => {
    it('shows a consumer', async () => {
      const id = await registered('Ann');
      expect((await look(id).expect(200)).body).toEqual({ consumer_id: id, name: 'Ann' });
    });

    it('takes an id in capitals for the same', async () => {
      const id = await registered('Ann');
      expect((await look(id.toUpperCase()).expect(200)).body).toEqual({ consumer_id: id, name: 'Ann' });
    });

    it('answers 404 for somebody who never registered', async () => {
      const nobody = newId();
      const answer = await look(nobody).expect(404).expect('content-type', PROBLEM);
      expect(answer.body).toMatchObject({ status: 404, detail: `There is no consumer ${nobody}.` });
    });

    it('answers 400 for an id that is no UUID', async () => {
      const answer = await look('ann').expect(400);
      expect(answer.body.errors).toEqual([{ path: 'consumerID', message: 'must be a UUID' }]);
    });
  });

  describe('PUT /api/consumers/:consumerID/rename', () => {
    it('gives a consumer another name and says so to the others', async () => {
      const id = await registered('Ann');
      expect((await rename(id, { name: 'Bea' }).expect(200)).body).toEqual({ id });
      expect((await look(id)).body).toEqual({ consumer_id: id, name: 'Bea' });
      expect(consumers.published().at(-1)).toEqual({
        channel: 'consumerservice.Consumer',
        name: 'consumerapi.ConsumerRenamed',
        id,
        version: 2,
        payload: { name: 'Bea' },
      });
    });

    it('to the name that is there already is fine, and no news', async () => {
      const id = await registered('Ann');
      await rename(id, { name: 'Ann' }).expect(200);
      expect(consumers.published()).toHaveLength(1);
    });

    it('answers 404 for somebody who never registered', async () => {
      await rename(newId(), { name: 'Bea' }).expect(404);
    });

    it('answers 400 to an empty name and to an id that is no UUID, in one answer', async () => {
      const answer = await rename('ann', { name: '' }).expect(400);
      expect(answer.body.errors).toMatchObject([{ path: 'consumerID' }, { path: 'name' }]);
    });
  });

  it('answers 405 to another method, with those that are allowed', async () => {
    await request(consumers.app).delete('/api/consumers').expect(405).expect('allow', /POST/);
    await request(consumers.app).post(`/api/consumers/${newId()}/rename`).expect(405).expect('allow', /PUT/);
  });

  it('answers 404 on an unknown route', async () => {
    await request(consumers.app).get('/api/customers').expect(404).expect('content-type', PROBLEM);
  });

  it('passes the request’s id on with everything that it causes', async () => {
    await register({ name: 'Ann' }).set('X-Request-ID', 'a-request').expect('x-request-id', 'a-request');
    expect(consumers.outbox()[0]?.headers).toMatchObject({ 'ce-correlationid': 'a-request' });
  });
});
