import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { createMetrics } from '../../src/telemetry';
import { createWebServer, defineRoute, type WebServer } from '../../src/web';

/** A route that answers when the test says so. */
function slowServer(maxRequests: number): {
  server: WebServer;
  started: () => Promise<void>;
  finish: () => void;
} {
  const waiting: (() => void)[] = [];
  let onStart: () => void = () => undefined;
  const server = createWebServer({
    api: {
      info: { title: 'slow', version: '0' },
      routes: [
        defineRoute({
          method: 'get',
          path: '/api/slow',
          summary: 'Waits',
          success: { status: 200, body: z.object({ done: z.boolean() }) },
          handle: async () => {
            await new Promise<void>((resolve) => {
              waiting.push(resolve);
              onStart();
            });
            return { done: true };
          },
        }),
      ],
      isUnavailable: () => false,
      maxRequests,
    },
    readiness: [],
    logger: pino({ level: 'silent' }),
    metrics: createMetrics('slow'),
  });
  return {
    server,
    started: () => new Promise((resolve) => (onStart = resolve)),
    finish: () => waiting.splice(0).forEach((resolve) => resolve()),
  };
}

describe('a service with more requests than it takes on', () => {
  it('answers 503 with Retry-After at once, and goes on with those under way and with later ones', async () => {
    const { server, started, finish } = slowServer(1);
    const begun = started();
    const first = request(server.app).get('/api/slow').then();
    await begun;

    const refused = await request(server.app).get('/api/slow');
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({
      'retry-after': '1',
      'content-type': expect.stringContaining('application/problem+json'),
    });
    expect(refused.body).toMatchObject({ status: 503, code: 'OVERLOADED' });

    finish();
    expect((await first).body).toEqual({ done: true });
    const again = started();
    const later = request(server.app).get('/api/slow').then();
    await again;
    finish();
    expect((await later).status).toBe(200);
  });

  it('still says that it lives and how it is', async () => {
    const { server, started, finish } = slowServer(1);
    const begun = started();
    const first = request(server.app).get('/api/slow').then();
    await begun;
    for (const path of ['/ping', '/ready', '/metrics']) {
      expect((await request(server.app).get(path)).status).toBe(200);
    }
    finish();
    await first;
  });
});
