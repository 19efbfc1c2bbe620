import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import request, { type Test } from 'supertest';
import { z } from 'zod';
import { createMetrics } from '../../src/telemetry';
import { createWebServer, defineRoute } from '../../src/web';

/** A server of two routes that answer when the test says so, and of one that answers at once. */
function slowServer(maxRequests: number) {
  const events = new EventEmitter();
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const wait = async () => {
    await new Promise<void>((resolve, reject) => {
      waiting.push({ resolve, reject });
      events.emit('start');
    });
    return { done: true };
  };
  const success = { status: 200, body: z.object({ done: z.boolean() }) };
  const slow = { path: '/api/slow', success, handle: wait };
  const quick = { path: '/api/quick', success, handle: async () => ({ done: true }) };
  const body = z.object({});
  const write = (line: string): void => {
    if (JSON.parse(line).status === 499) events.emit('hang-up');
  };
  const server = createWebServer({
    api: {
      info: { title: 'slow', version: '0' },
      routes: [
        defineRoute({ method: 'get', summary: 'Waits', ...slow }),
        defineRoute({ method: 'post', summary: 'Reads a body and waits', body, ...slow }),
        defineRoute({ method: 'post', summary: 'Reads a body', body, ...quick }),
      ],
      isUnavailable: () => false,
      maxRequests,
    },
    readiness: [],
    logger: pino({ level: 'debug' }, { write }),
    metrics: createMetrics('slow'),
  });
  return {
    server,
    /** The handlers that wait. */
    waiting,
    /** Waits until so many handlers wait. */
    started: async (handlers = 1) => {
      while (waiting.length < handlers) await once(events, 'start');
    },
    finish: () => waiting.splice(0).forEach(({ resolve }) => resolve()),
    fail: () => waiting.splice(0).forEach(({ reject }) => reject(new Error('The database is away.'))),
    /** Waits until the server has noticed that a client has hung up. */
    hungUp: () => once(events, 'hang-up'),
    /** 200 if a place is free, otherwise 503. */
    quickStatus: async () => (await request(server.app).post('/api/quick').send({})).status,
  };
}

describe('a service with more requests than it takes on', () => {
  it('answers 503 with Retry-After at once, and goes on with those under way and with later ones', async () => {
    const { server, started, finish } = slowServer(1);
    const first = request(server.app).get('/api/slow').then();
    await started();

    const refused = await request(server.app).get('/api/slow');
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({
      'retry-after': '1',
      'content-type': expect.stringContaining('application/problem+json'),
    });
    expect(refused.body).toMatchObject({ status: 503, code: 'OVERLOADED' });

    finish();
    expect((await first).body).toEqual({ done: true });
    const later = request(server.app).get('/api/slow').then();
    await started();
    finish();
    expect((await later).status).toBe(200);
  });

  it('still says that it lives and how it is', async () => {
    const { server, started, finish } = slowServer(1);
    const first = request(server.app).get('/api/slow').then();
    await started();
    for (const path of ['/ping', '/ready', '/metrics']) {
      expect((await request(server.app).get(path)).status).toBe(200);
    }
    finish();
    await first;
  });
});

describe('a request whose client hangs up', () => {
  const head = (method: string, ...headers: string[]) =>
    [`${method} /api/slow HTTP/1.1`, 'Host: h', ...headers, '', ''].join('\r\n');

  /** A server that listens, and a client's connection to it. */
  async function connectedServer(maxRequests: number) {
    const slow = slowServer(maxRequests);
    const client = connect(await slow.server.listen(0, '127.0.0.1'), '127.0.0.1');
    const hangUp = async (): Promise<void> => {
      const noticed = slow.hungUp();
      client.destroy();
      await noticed;
    };
    return { ...slow, client, hangUp };
  }

  it.each([
    ['ends', 'finish'],
    ['fails', 'fail'],
  ] as const)('holds its place until its handler %s', async (_how, end) => {
    const { server, client, hangUp, started, quickStatus, ...handlers } = await connectedServer(1);
    client.write(head('GET'));
    await started();
    await hangUp();
    expect(await quickStatus()).toBe(503);
    handlers[end]();
    expect(await quickStatus()).toBe(200);
    await server.close();
  });

  it('gives its place back when its body is cut off', async () => {
    const { server, client, hangUp, quickStatus } = await connectedServer(1);
    const headers = ['Content-Type: application/json', 'Content-Length: 100', 'Expect: 100-continue'];
    client.write(head('POST', ...headers));
    await once(client, 'data');
    expect(await quickStatus()).toBe(503);
    client.write('{');
    await hangUp();
    expect(await quickStatus()).toBe(200);
    await server.close();
  });

  it('gives its place back when it waits behind another one on its connection', async () => {
    const { server, client, hangUp, started, finish, quickStatus } = await connectedServer(2);
    client.write(head('GET').repeat(2));
    await started(2);
    await hangUp();
    finish();
    const other = request(server.app).get('/api/slow').then();
    await started();
    expect(await quickStatus()).toBe(200);
    finish();
    await other;
    await server.close();
  });

  it('is not handled when its body is unpacked only then', async () => {
    const { server, waiting, hungUp } = slowServer(1);
    // Cuts the connection when the packed body is there as a whole.
    const cutter = createServer(server.app).on('request', (incoming) => {
      incoming.once('end', () => incoming.socket.destroy());
    });
    const noticed = hungUp();
    await expect(packed(request(cutter).post('/api/slow'))).rejects.toThrow();
    await noticed;
    expect((await packed(request(server.app).post('/api/quick'))).status).toBe(200);
    expect(waiting).toEqual([]);
  });
});

function packed(sending: Test): Test {
  sending.set('Content-Type', 'application/json').set('Content-Encoding', 'gzip').write(gzipSync('{}'));
  return sending;
}
