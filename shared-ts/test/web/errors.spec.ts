import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import supertest, { type Response } from 'supertest';
import { createPantry, jars } from './pantry';

const { server, requests, logs } = createPantry();
const pantry = () => supertest(server.app);

function fill(body: string | Buffer, type = 'application/json') {
  const request = pantry().post('/api/jars').set('Content-Type', type);
  if (typeof body === 'string') return request.send(body);
  // `send` would write a buffer as JSON.
  request.write(body);
  return request;
}

function fillPacked(body: string) {
  const request = pantry()
    .post('/api/jars')
    .set('Content-Type', 'application/json')
    .set('Content-Encoding', 'gzip');
  request.write(gzipSync(body));
  return request;
}

function expectProblem(response: Response, status: number): void {
  expect(response.status).toBe(status);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  const { type, title, detail, message, request_id } = response.body;
  expect([type, title, detail].every((text) => typeof text === 'string' && text !== '')).toBe(true);
  expect(message).toBe(detail);
  expect(response.body.status).toBe(status);
  expect(request_id).toBe(response.headers['x-request-id']);
}

describe('A request that is well-formed', () => {
  it('gets the answer of its route', async () => {
    const response = await fill('{"name":" salt ","grams":500}');
    expect(response.status).toBe(201);
    expect(response.body).toEqual({ id: 'salt' });
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/vnd.jar+json',
  ])('may be of type %s', async (type) => {
    expect((await fill('{"name":"salt","grams":500}', type)).status).toBe(201);
  });

  it('may be compressed', async () => {
    expect((await fillPacked('{"name":"salt","grams":500}')).status).toBe(201);
  });

  it('may have parameters, also repeated ones', async () => {
    const response = await pantry().get('/api/jars?limit=5&filter%5Bwords%5D=sea&filter[words]=salt');
    expect(response.body).toEqual({ limit: 5, words: ['sea', 'salt'] });
  });

  it('may end in a slash', async () => {
    expect((await pantry().get('/api/jars/')).status).toBe(200);
  });

  it('may bring a body to a route that needs none, whatever it is', async () => {
    const response = await pantry()
      .put(`/api/jars/${jars.there}/open`)
      .set('Content-Type', 'text/plain')
      .send('{nonsense'.repeat(100_000));
    expect(response.status).toBe(202);
    expect(response.body).toEqual({ status: 'Opening' });
  });

  it('may be a HEAD where there is a GET', async () => {
    const response = await pantry().head(`/api/jars/${jars.there}`);
    expect(response.status).toBe(200);
    expect(response.text).toBeUndefined();
  });
});

describe('A 400', () => {
  it.each([
    ['cut JSON', '{"name":"salt"'],
    ['no JSON', 'salt'],
    ['a JSON value with something after it', '{} {}'],
    ['a NUL byte', '{"name":"\0","grams":1}'],
    ['bytes that are no UTF-8', Buffer.from('{"name":"\xff","grams":1}', 'latin1')],
    ['nothing', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '1e999'],
    ['a string', '"salt"'],
    ['deep nesting', `${'['.repeat(40_000)}${']'.repeat(40_000)}`],
    [
      'deep nesting in an unknown property',
      `{"name":"salt","grams":1,"more":${'['.repeat(40)}${']'.repeat(40)}}`,
    ],
    ['a fraction for an integer', '{"name":"salt","grams":0.5}'],
    ['text that can not be stored', String.raw`{"name":"\u0000","grams":1}`],
    ['half a character', String.raw`{"name":"\ud800","grams":1}`],
    ['a property name that can not be stored', String.raw`{"name":"salt","grams":1,"\u0000":1}`],
  ])('answers a body of %s', async (_what, body) => {
    expectProblem(await fill(body), 400);
  });

  it('answers a body that does not unpack', async () => {
    expectProblem(await fill('{"name":"salt","grams":1}').set('Content-Encoding', 'gzip'), 400);
  });

  it('answers a missing body', async () => {
    expectProblem(await pantry().post('/api/jars'), 400);
  });

  it('names everything that is wrong', async () => {
    const response = await fill('{"name":" ","grams":"many"}');
    expectProblem(response, 400);
    expect(response.body.errors).toEqual([
      { path: 'name', message: 'must not be empty' },
      { path: 'grams', message: expect.any(String) },
    ]);
    expect(response.body.detail).toContain('name: must not be empty');
    expect(response.body.code).toBe('VALIDATION_FAILED');
  });

  it('names missing fields', async () => {
    const response = await fill('{}');
    expect(response.body.errors.map(({ path }: { path: string }) => path)).toEqual(['name', 'grams']);
  });

  it('answers an id that is no UUID', async () => {
    const response = await pantry().get('/api/jars/salt');
    expectProblem(response, 400);
    expect(response.body.errors).toEqual([{ path: 'jarID', message: expect.any(String) }]);
  });

  it.each(['limit=0', 'limit=51', 'limit=many', 'limit=1&limit=2', 'filter[words]=%00'])(
    'answers the query %s',
    async (query) => {
      expectProblem(await pantry().get(`/api/jars?${query}`), 400);
    },
  );

  it.each(['/api/jars/%zz', '/api/jars/%E0%A4%A', '/api/jars?limit=%', '/nowhere/%ff'])(
    'answers the malformed URL %s',
    async (url) => {
      expectProblem(await pantry().get(url), 400);
    },
  );

  it('does not come of __proto__, which changes nothing', async () => {
    const response = await fill(
      '{"name":"salt","grams":1,"__proto__":{"polluted":true},"constructor":{"prototype":{}}}',
    );
    expect(response.status).toBe(201);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(requests.at(-1)?.body).toEqual({ name: 'salt', grams: 1 });
  });
});

describe('A rejection', () => {
  it.each([
    ['missing', 404, 'JAR_NOT_FOUND', 'Jar not found'],
    ['sealed', 409, 'JAR_SEALED', 'Jar sealed'],
    ['impossible', 422, 'JAR_TOO_FULL', 'Jar too full'],
  ] as const)('for a jar that is %s answers %d with its code', async (jar, status, code, title) => {
    const response = await pantry().get(`/api/jars/${jars[jar]}`);
    expectProblem(response, status);
    expect(response.body).toMatchObject({ code, title, instance: `/api/jars/${jars[jar]}` });
    expect(response.body.type).toBe(`urn:ftgo:problem:${code.toLowerCase().replaceAll('_', '-')}`);
  });
});

describe('A body', () => {
  const padded = (bytes: number) => {
    const frame = '{"name":"salt","grams":1,"note":""}';
    return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`);
  };

  it('of 100 kB is taken', async () => {
    expect((await fill(padded(100_000))).status).toBe(201);
  });

  it('over 100 kB answers 413', async () => {
    expectProblem(await fill(padded(100_001)), 413);
  });

  it('that is announced as larger answers 413 before it comes', async () => {
    const port = await server.listen(0, '127.0.0.1');
    const client = connect(port, '127.0.0.1');
    client.write(
      'POST /api/jars HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100001\r\n\r\n{',
    );
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 413 /);
    client.destroy();
    await server.close();
  });

  it('over 100 kB once it is unpacked answers 413', async () => {
    expectProblem(await fillPacked(padded(5_000_000)), 413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/xml',
  ])('of type %s answers 415', async (type) => {
    expectProblem(await fill('{"name":"salt","grams":1}', type), 415);
  });

  it('without a type answers 415', async () => {
    expectProblem(await fill('{"name":"salt","grams":1}').unset('Content-Type'), 415);
  });

  it('of an unknown content encoding answers 415', async () => {
    expectProblem(await fill('{"name":"salt","grams":1}').set('Content-Encoding', 'rot13'), 415);
  });
});

describe('A path', () => {
  it('answers 405 to a method that it does not have', async () => {
    const response = await pantry().delete('/api/jars');
    expectProblem(response, 405);
    expect(response.headers.allow).toBe('GET, HEAD, OPTIONS, POST');
  });

  it('answers 405 with a slash at its end, too', async () => {
    expectProblem(await pantry().delete('/api/jars/'), 405);
  });

  it('answers 405 before it looks at parameters', async () => {
    const response = await pantry().get('/api/jars/salt/open');
    expectProblem(response, 405);
    expect(response.headers.allow).toBe('OPTIONS, PUT');
  });

  it('answers 405 to HEAD where there is no GET', async () => {
    const response = await pantry().head(`/api/jars/${jars.there}/open`);
    expect(response.status).toBe(405);
    expect(response.headers.allow).toBe('OPTIONS, PUT');
    expect(Number(response.headers['content-length'])).toBeGreaterThan(100);
  });

  it('answers OPTIONS with what it allows', async () => {
    const response = await pantry().options(`/api/jars/${jars.there}`);
    expect(response.status).toBe(204);
    expect(response.headers.allow).toBe('GET, HEAD, OPTIONS');
  });

  it.each(['/', '/api', '/api/cans', '/API/jars', '/api/jars//open', '/api//jars'])(
    '%s is unknown: 404',
    async (path) => {
      expectProblem(await pantry().get(path), 404);
    },
  );
});

describe('A fault', () => {
  it('answers 500 without anything of the inside, and is logged with its request', async () => {
    logs.length = 0;
    const response = await pantry().get(`/api/jars/${jars.broken}`);
    expectProblem(response, 500);
    expect(response.text).not.toContain('relation');
    expect(response.text).not.toContain('.ts');
    const line = JSON.parse(logs[0] ?? '');
    expect(line).toMatchObject({ level: 'error', correlationId: response.headers['x-request-id'] });
    expect(line.err.message).toContain('relation "jars" does not exist');
  });

  it('of a connection answers 503 and says when to come again', async () => {
    const response = await pantry().get(`/api/jars/${jars.unreachable}`);
    expectProblem(response, 503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.text).not.toContain('ECONNREFUSED');
  });

  it('of a request that met other writers each time it was tried answers 503: nothing was done', async () => {
    const response = await pantry().get(`/api/jars/${jars.contended}`);
    expectProblem(response, 503);
    expect(response.headers['retry-after']).toBe('1');
  });

  it('that a handler declares as temporary answers 503 in its own words', async () => {
    const response = await pantry().get(`/api/jars/${jars.unavailable}`);
    expectProblem(response, 503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.body.detail).toBe('Stocktaking.');
  });
});
