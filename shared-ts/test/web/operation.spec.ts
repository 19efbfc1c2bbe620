import { connect } from 'node:net';
import { z } from 'zod';
import supertest from 'supertest';
import { createMetrics } from '../../src/telemetry';
import { createWebServer, defineRoute, type ReadinessCheck } from '../../src/web';
import { readinessOf } from '../../src/web/readiness';
import { createPantry, jars, loggerInto } from './pantry';

const fine: ReadinessCheck = { name: 'database', check: async () => undefined };
const away: ReadinessCheck = {
  name: 'broker',
  check: () => Promise.reject(new Error('no route to nats://u:pw@h')),
};
const silent: ReadinessCheck = { name: 'stream', check: () => new Promise(() => undefined) };

describe('GET /ping', () => {
  it('answers as long as the process lives, ready or not', async () => {
    const response = await supertest(createPantry([away]).server.app).get('/ping');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ status: 'ok' });
  });
});

describe('GET /ready', () => {
  it('answers 200 when every check succeeds', async () => {
    const response = await supertest(createPantry([fine]).server.app).get('/ready');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ status: 'ready', checks: { database: 'ok' } });
  });

  it('answers 503 with the reasons against, but without passwords', async () => {
    const response = await supertest(createPantry([fine, away]).server.app).get('/ready');
    expect(response.status).toBe(503);
    expect(response.body).toEqual({
      status: 'not ready',
      reasons: [{ check: 'broker', reason: 'no route to nats://u:***@h' }],
    });
  });

  it('takes no answer for a no', async () => {
    const readiness = await readinessOf([silent, fine], 1);
    expect(readiness).toEqual({
      status: 'not ready',
      reasons: [{ check: 'stream', reason: 'no answer within 1 ms' }],
    });
  });

  it('takes a check that throws at once for a no', async () => {
    const hasty: ReadinessCheck = {
      name: 'hasty',
      check: () => {
        throw new Error('no pool');
      },
    };
    expect(await readinessOf([hasty])).toMatchObject({ reasons: [{ check: 'hasty', reason: 'no pool' }] });
  });

  it('answers 503 while the process shuts down', async () => {
    const { server } = createPantry([fine]);
    server.drain();
    const response = await supertest(server.app).get('/ready');
    expect(response.status).toBe(503);
    expect(response.body.reasons).toEqual([{ check: 'process', reason: 'shutting down' }]);
    expect(response.headers.connection).toBe('close');
  });
});

describe('GET /metrics', () => {
  it('counts requests by the pattern of their route', async () => {
    const { server } = createPantry();
    await supertest(server.app).get(`/api/jars/${jars.there}`);
    await supertest(server.app).get(`/api/jars/${jars.missing}`);
    await supertest(server.app).get(`/nowhere/${jars.there}`);
    const { text, headers } = await supertest(server.app).get('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    const count = (route: string, status: number) =>
      `http_request_duration_seconds_count{service="pantry-service",method="GET",route="${route}",status="${status}"} 1`;
    expect(text).toContain(count('/api/jars/:jarID', 200));
    expect(text).toContain(count('/api/jars/:jarID', 404));
    expect(text).toContain(count('unmatched', 404));
    expect(text).not.toContain(jars.there);
    expect(text).toContain('process_cpu_seconds_total');
  });
});

describe('A server without an API', () => {
  const metrics = createMetrics('pantry-cdc');
  const { app } = createWebServer({ readiness: [fine], logger: loggerInto([]), metrics });

  it('has the three operational routes and no others', async () => {
    await supertest(app).get('/ping').expect(200);
    await supertest(app).get('/ready').expect(200);
    await supertest(app).get('/metrics').expect(200);
    await supertest(app).get('/api/openapi.json').expect(404);
    await supertest(app).post('/ready').expect(405).expect('Allow', 'GET, HEAD, OPTIONS');
  });
});

describe('Two routes for one method and path', () => {
  it('are refused when the server is made', () => {
    const route = (path: string) =>
      defineRoute({
        method: 'get',
        path,
        summary: 'Same.',
        success: { status: 200, body: z.object({}) },
        handle: async () => ({}),
      });
    const info = { title: 'Pantry', version: '1.0.0' };
    const create = (routes: readonly ReturnType<typeof route>[]) =>
      createWebServer({
        api: { info, routes, isUnavailable: () => false },
        readiness: [],
        logger: loggerInto([]),
        metrics: createMetrics('pantry-service'),
      });
    expect(() => create([route('/api/jars/:jarID'), route('/api/jars/:id')])).toThrow('two routes for GET');
    expect(() => create([route('/api/openapi.json')])).toThrow('two routes for GET');
  });
});

describe('A server that listens', () => {
  it('finishes the answers under way when it closes, and takes no more', async () => {
    const { gate, server, port } = await slowServer();
    const answer = fetch(`http://127.0.0.1:${port}/api/slow`);
    await gate.arrived;
    const closed = server.close(30_000);
    gate.open();
    const response = await answer;
    expect(await response.json()).toEqual({ done: true });
    expect(response.headers.get('connection')).toBe('close');
    await closed;
    await expect(fetch(`http://127.0.0.1:${port}/ping`)).rejects.toThrow();
  });

  it('says so when the port is taken', async () => {
    const [one, other] = [createPantry().server, createPantry().server];
    const port = await one.listen(0, '127.0.0.1');
    await expect(other.listen(port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
    await one.close();
    await other.close();
  });

  it.each([
    ['no HTTP at all', 'nonsense\r\n\r\n', 400],
    ['a URL that is too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 431],
    ['headers that are too long', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'a body that is not chunked as it says',
      'POST /api/jars HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['a request that names no host', 'GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a CONNECT', 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ['a target without a path', 'GET foo://elsewhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', 404],
    ['a target that is no URL', 'GET http://[::1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', 404],
    [
      'an unknown expectation, after doing without it,',
      'GET /nowhere HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\nConnection: close\r\n\r\n',
      404,
    ],
  ])('answers %s with a problem', async (_what, bytes, status) => {
    const { server } = createPantry();
    const port = await server.listen(0, '127.0.0.1');
    const answer = await rawExchange(port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('application/problem+json');
    expect(answer).toMatch(/^X-Request-ID: \S+\r$/im);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status });
    expect((await fetch(`http://127.0.0.1:${port}/ping`)).status).toBe(200);
    await server.close();
  });
});

it('takes the path out of a target that is a whole URL, as a proxy sends it', async () => {
  const { server } = createPantry();
  const port = await server.listen(0, '127.0.0.1');
  const request = 'GET http://elsewhere/ping HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n';
  expect(await rawExchange(port, request)).toMatch(/^HTTP\/1.1 200 /);
  await server.close();
});

it('answers a request to speak another protocol in this one, and takes no further request on its connection', async () => {
  const { server } = createPantry();
  const port = await server.listen(0, '127.0.0.1');
  const head =
    'GET /ping HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 300000\r\n\r\n';
  const answer = await rawExchange(port, head + ' '.repeat(300_000));
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toMatch(/^Connection: close\r$/im);
  await server.close();
});

it.each([
  ['no HTTP at all', 'nonsense\r\n\r\n'],
  [
    'a body that is not chunked as it says',
    'POST /api/slow HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ],
])('answers a request before what comes behind it on its connection and is %s', async (_what, bytes) => {
  const { gate, server, port } = await slowServer();
  const exchange = rawExchange(port, `GET /api/slow HTTP/1.1\r\nHost: h\r\n\r\n${bytes}`);
  await gate.arrived;
  gate.open();
  const [first, second] = (await exchange).split(/(?<=})(?=HTTP)/);
  expect(first).toMatch(/^HTTP\/1.1 200 /);
  expect(second).toMatch(/^HTTP\/1.1 4/);
  await server.close();
});

/** A server of one route, `/api/slow`, whose answer waits for a gate. */
async function slowServer() {
  const gate = openableGate();
  const route = defineRoute({
    method: 'get',
    path: '/api/slow',
    summary: 'Wait for the gate.',
    success: { status: 200, body: z.object({ done: z.boolean() }) },
    handle: async () => {
      gate.arrive();
      await gate.opened;
      return { done: true };
    },
  });
  const server = createWebServer({
    api: { info: { title: 'Slow', version: '1.0.0' }, routes: [route], isUnavailable: () => false },
    readiness: [],
    logger: loggerInto([]),
    metrics: createMetrics('pantry-service'),
  });
  return { gate, server, port: await server.listen(0, '127.0.0.1') };
}

/** A place where a handler can be held up. */
function openableGate() {
  let arrive: () => void = () => undefined;
  let open: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { arrived, opened, arrive: () => arrive(), open: () => open() };
}

/** Everything that the server answers to these bytes until it closes the connection. */
function rawExchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('error', (error) => (answer ? undefined : reject(error)));
    socket.on('close', () => resolve(answer));
  });
}
