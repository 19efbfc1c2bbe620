import { z } from 'zod';
import { conflict, notFound, unprocessable } from '../../src/domain';
import { ConcurrencyConflict } from '../../src/event-sourcing';
import { createLogger, createMetrics, type Logger, type Metrics } from '../../src/telemetry';
import {
  Unavailable,
  createWebServer,
  defineRoute,
  type ReadinessCheck,
  type Route,
  type RouteRequest,
  type WebServer,
} from '../../src/web';

/** A tiny API that shows everything a route can do; the names of the jars say how asking for them ends. */
export interface Pantry {
  readonly server: WebServer;
  readonly metrics: Metrics;
  readonly logs: string[];
  /** What the handlers got. */
  readonly requests: RouteRequest<unknown, unknown, unknown>[];
}

const Jar = z.object({ name: z.string().trim().min(1, 'must not be empty'), grams: z.int().min(1) });
const IdBody = z.object({ id: z.string() });
const JarParams = z.object({ jarID: z.uuid() });

/** Ids of jars, by how asking for them ends. */
export const jars = {
  there: '00000000-0000-4000-8000-000000000001',
  missing: '00000000-0000-4000-8000-000000000002',
  sealed: '00000000-0000-4000-8000-000000000003',
  impossible: '00000000-0000-4000-8000-000000000004',
  broken: '00000000-0000-4000-8000-000000000005',
  unreachable: '00000000-0000-4000-8000-000000000006',
  unavailable: '00000000-0000-4000-8000-000000000007',
  contended: '00000000-0000-4000-8000-000000000008',
};

function lookInto(jarID: string): { id: string } {
  if (jarID === jars.missing) throw notFound('jar', jarID);
  if (jarID === jars.sealed) throw conflict('JAR_SEALED', 'The jar is sealed.');
  if (jarID === jars.impossible) throw unprocessable('JAR_TOO_FULL', 'The jar is too full.');
  if (jarID === jars.broken) throw new Error('relation "jars" does not exist');
  if (jarID === jars.unreachable) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  if (jarID === jars.contended) throw new ConcurrencyConflict('another was faster');
  if (jarID === jars.unavailable) throw new Unavailable('Stocktaking.');
  return { id: jarID };
}

const routesOf = (requests: RouteRequest<unknown, unknown, unknown>[]): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/jars',
    summary: 'Fill a jar.',
    body: Jar,
    idempotent: true,
    success: { status: 201, body: IdBody },
    handle: async (request) => {
      requests.push(request);
      return { id: request.body.name };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/jars',
    summary: 'Search for jars.',
    query: z.object({
      limit: z.coerce.number().int().min(1).max(50).default(20),
      'filter[words]': z.union([z.string(), z.array(z.string())]).optional(),
    }),
    success: { status: 200, body: z.object({ limit: z.int(), words: z.array(z.string()) }) },
    handle: async (request) => {
      requests.push(request);
      return { limit: request.query.limit, words: [request.query['filter[words]'] ?? []].flat() };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/jars/:jarID',
    summary: 'Look into a jar.',
    params: JarParams,
    success: { status: 200, body: IdBody },
    rejections: [404],
    handle: async ({ params }) => lookInto(params.jarID),
  }),
  defineRoute({
    method: 'put',
    path: '/api/jars/:jarID/open',
    summary: 'Open a jar.',
    params: JarParams,
    success: { status: 202, body: z.object({ status: z.literal('Opening') }) },
    rejections: [404, 409],
    handle: async (request) => {
      requests.push(request);
      lookInto(request.params.jarID);
      return { status: 'Opening' as const };
    },
  }),
];

const isUnavailable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';

export function createPantry(readiness: readonly ReadinessCheck[] = []): Pantry {
  const logs: string[] = [];
  const requests: RouteRequest<unknown, unknown, unknown>[] = [];
  const logger = loggerInto(logs);
  const metrics = createMetrics('pantry-service');
  const info = { title: 'Pantry', version: '1.0.0' };
  const api = { info, routes: routesOf(requests), isUnavailable };
  return { server: createWebServer({ api, readiness, logger, metrics }), metrics, logs, requests };
}

export function loggerInto(logs: string[]): Logger {
  const destination = { write: (line: string) => void logs.push(line) };
  return createLogger({ serviceId: 'pantry-service', environment: 'production', level: 'info', destination });
}
