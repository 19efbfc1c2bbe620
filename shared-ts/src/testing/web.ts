import { pino } from 'pino';
import { createMetrics } from '../telemetry';
import { createWebServer, type Route } from '../web';

/** An express app of some routes, for supertest; nothing listens. */
export const testApp = (routes: readonly Route[]): ReturnType<typeof createWebServer>['app'] =>
  createWebServer({
    api: { info: { title: 'test', version: '0' }, routes, isUnavailable: () => false },
    readiness: [],
    logger: pino({ level: 'silent' }),
    metrics: createMetrics('test'),
  }).app;
