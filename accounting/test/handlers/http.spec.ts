import { consumerapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { startAccounting, type Accounting } from '../accounting';

describe('The accounting service over HTTP', () => {
  let accounting: Accounting;
  let id: string;

  beforeEach(async () => {
    accounting = await startAccounting();
    id = newId();
    await accounting.messages.event(consumerapi.ConsumerRegistered, { id, version: 1 }, { name: 'Ann' });
  });
  afterEach(() => accounting.messages.stop());

  const look = (accountId = id) => request(accounting.app).get(`/api/accounts/${accountId}`);
  const put = (action: string, accountId = id) =>
    request(accounting.app).put(`/api/accounts/${accountId}/${action}`);

  it('shows an account', async () => {
    const answer = await look().expect(200);
    expect(answer.body).toEqual({ id, name: 'Ann', enabled: true });
  });

  it('disables an account', async () => {
    expect((await put('disable').expect(200)).body).toEqual({ id });
    expect((await look().expect(200)).body).toEqual({ id, name: 'Ann', enabled: false });
  });

  it('enables a disabled account', async () => {
    await put('disable').expect(200);
    expect((await put('enable').expect(200)).body).toEqual({ id });
    expect((await look().expect(200)).body).toMatchObject({ enabled: true });
  });

  it('takes an id in capitals for the same', async () => {
    expect((await look(id.toUpperCase()).expect(200)).body).toMatchObject({ id });
  });

  it('answers 409 to disabling a disabled account and to enabling an enabled one', async () => {
    const enabled = await put('enable')
      .expect(409)
      .expect('content-type', /^application\/problem\+json/);
    expect(enabled.body).toMatchObject({ status: 409, message: enabled.body.detail });
    await put('disable').expect(200);
    await put('disable').expect(409);
  });

  it('answers 404 for an account that was never opened', async () => {
    const nobody = newId();
    const answer = await look(nobody)
      .expect(404)
      .expect('content-type', /^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status: 404, detail: `There is no account ${nobody}.` });
    await put('disable', nobody).expect(404);
    await put('enable', nobody).expect(404);
  });

  it('answers 404 while only the renaming of a consumer has arrived', async () => {
    const renamed = newId();
    await accounting.messages.event(
      consumerapi.ConsumerRenamed,
      { id: renamed, version: 2 },
      { name: 'Bea' },
    );
    await look(renamed).expect(404);
    await put('disable', renamed).expect(404);
    await put('enable', renamed).expect(404);
  });

  it('answers 400 for an id that is no UUID', async () => {
    const answer = await look('ann').expect(400);
    expect(answer.body.errors).toEqual([{ path: 'accountID', message: 'must be a UUID' }]);
    await put('disable', 'ann').expect(400);
    await put('enable', 'ann').expect(400);
  });

  it('answers 405 to another method, with those that are allowed', async () => {
    const answer = await request(accounting.app).delete(`/api/accounts/${id}`).expect(405);
    expect(answer.headers['allow']).toMatch(/GET/);
    await request(accounting.app).post(`/api/accounts/${id}/disable`).expect(405).expect('allow', /PUT/);
  });

  it('answers 404 on an unknown route', async () => {
    await request(accounting.app).get('/api/accounts').expect(404);
  });

  it('gives the request’s id back', async () => {
    await look().set('X-Request-ID', 'a-request').expect('x-request-id', 'a-request');
  });
});
