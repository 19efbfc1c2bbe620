import supertest from 'supertest';
import { parseTraceparent } from '../../src/telemetry';
import { createPantry, jars } from './pantry';

const { server, requests } = createPantry();
const pantry = () => supertest(server.app);
const jar = { name: 'salt', grams: 500 };
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('X-Request-ID', () => {
  it('is taken from the client, passed on and answered', async () => {
    const response = await pantry().post('/api/jars').set('X-Request-ID', 'client/1').send(jar);
    expect(response.headers['x-request-id']).toBe('client/1');
    expect(requests.at(-1)?.context).toMatchObject({ correlationId: 'client/1', causationId: 'client/1' });
  });

  it.each([undefined, '', 'two words', 'ümlaut', 'x'.repeat(129)])(
    'is made anew when the client says %j',
    async (given) => {
      const request = pantry().post('/api/jars').send(jar);
      if (given !== undefined) request.set('X-Request-ID', given);
      const response = await request;
      expect(response.headers['x-request-id']).toMatch(uuidV7);
      expect(requests.at(-1)?.context.correlationId).toBe(response.headers['x-request-id']);
    },
  );

  it('is on errors too', async () => {
    const response = await pantry().get('/nowhere').set('X-Request-ID', 'client-2');
    expect(response.headers['x-request-id']).toBe('client-2');
  });
});

describe('traceparent', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';

  it('is passed on with the same trace', async () => {
    await pantry().post('/api/jars').set('traceparent', `00-${traceId}-b7ad6b7169203331-01`).send(jar);
    expect(parseTraceparent(requests.at(-1)?.context.traceparent ?? '')).toEqual({ traceId, flags: '01' });
  });

  it('begins with the request when there is none', async () => {
    await pantry().post('/api/jars').send(jar);
    expect(parseTraceparent(requests.at(-1)?.context.traceparent ?? '')).not.toBeNull();
  });
});

describe('Idempotency-Key', () => {
  const claimOf = async (key: string, body: string, path = '/api/jars') => {
    await pantry()
      .post(path)
      .set('Idempotency-Key', key)
      .set('Content-Type', 'application/json')
      .send(body)
      .expect(201);
    return requests.at(-1)?.idempotency;
  };

  it('reaches the handler with the scope and a fingerprint of the body', async () => {
    const claim = await claimOf('k1', '{"name":"salt","grams":500}');
    expect(claim).toEqual({
      key: 'k1',
      scope: 'POST /api/jars',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('has the same fingerprint for the same body, however it is written', async () => {
    const one = await claimOf('k1', '{"name":"salt","grams":500,"more":[{"a":1,"b":2}]}');
    const other = await claimOf('k1', '{ "more":[{"b":2,"a":1}], "grams":5e2, "name":"salt" }', '/api/jars/');
    expect(other).toEqual(one);
  });

  it('has another fingerprint for another body', async () => {
    const one = await claimOf('k1', '{"name":"salt","grams":500}');
    const other = await claimOf('k1', '{"name":"salt","grams":501}');
    expect(other?.fingerprint).not.toBe(one?.fingerprint);
  });

  it('may be left out', async () => {
    await pantry().post('/api/jars').send(jar).expect(201);
    expect(requests.at(-1)?.idempotency).toBeUndefined();
  });

  it.each(['', 'two words', 'x'.repeat(256)])('answers 400 when it is %j', async (key) => {
    await pantry().post('/api/jars').set('Idempotency-Key', key).send(jar).expect(400);
  });

  it('means nothing to a route that is not idempotent by key', async () => {
    await pantry().put(`/api/jars/${jars.there}/open`).set('Idempotency-Key', 'k1').expect(202);
    expect(requests.at(-1)?.idempotency).toBeUndefined();
  });
});

describe('The other headers', () => {
  it('keep answers from being stored, sniffed and framed, and say nothing of the software', async () => {
    const { headers } = await pantry().get(`/api/jars/${jars.there}`);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('etag');
  });
});
