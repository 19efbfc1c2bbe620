import express, { type Express, type RequestHandler, type Response } from 'express';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger, Metrics } from '../telemetry';
import type { Admission } from './admission';
import { answerClientErrors } from './client-errors';
import { answerErrors } from './error-answer';
import { isStorable, readJsonBody } from './json-body';
import { observeRequests, routeHandler, setStandardHeaders, type Locals } from './middleware';
import { documentationRoutes } from './documentation';
import { expressMessages } from './express-messages';
import { operationalRoutes } from './operational-routes';
import type { ApiInfo } from './openapi';
import { HttpError, overloaded } from './problem';
import type { ReadinessCheck } from './readiness';
import type { Route } from './route';
import { answerUnrouted, rejectDuplicates } from './route-table';
import { inTurns } from './turns';
import { trackUnfinishedResponses } from './unfinished-responses';

/** The API of a service; its document is served at `/api/openapi.json`, and for people at `/api/docs`. */
export interface Api {
  readonly info: ApiInfo;
  readonly routes: readonly Route[];
  /** Which faults of a handler say that the database is away, which answers 503 instead of 500. */
  readonly isUnavailable: (error: unknown) => boolean;
  /**
   * How many requests may be under way, any number if left out; a further one is answered 503 at once, so that a flood costs neither memory nor the requests that are
   * being handled. One whose client has hung up is under way until its handler has ended. The operational routes are not counted: who watches must see.
   */
  readonly maxRequests?: number;
  /** Bounds what the routes begin that begin work. */
  readonly admission?: Admission;
}

export interface WebServerOptions {
  /** What the process serves under `/api`; a relay serves nothing there. */
  readonly api?: Api;
  readonly readiness: readonly ReadinessCheck[];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** An HTTP server with the API's routes and the three operational ones. */
export interface WebServer {
  /** For tests that need no port. */
  readonly app: Express;
  /**
   * Binds.
   * @returns the port, which is another than the one asked for when that is 0
   * @throws the system's error, such as EADDRINUSE
   */
  listen(port: number, host: string): Promise<number>;
  /** From now on `/ready` answers 503, and every connection is closed after its answer. */
  drain(): void;
  /**
   * Drains, takes no further connection and waits for the requests that are being answered.
   * @param patience in milliseconds; connections that are still busy then are cut
   */
  close(patience?: number): Promise<void>;
}

/** Makes a web server out of routes. Nothing is bound before `listen`. */
export function createWebServer(options: WebServerOptions): WebServer {
  const { api, readiness, logger, metrics } = options;
  const routes = api?.routes ?? [];
  const open = new Set<ServerResponse>();
  let draining = false;

  let underWay = 0;
  const leave = (): void => {
    underWay -= 1;
  };
  const leaveOnceHandled = function (this: Response<unknown, Locals>): void {
    const { handled } = this.locals;
    // A client that hangs up does not end its handler. If the place were free before, clients that give up and try again would pile up work without end.
    if (handled === undefined) leave();
    else void handled.then(leave);
  };
  const limit =
    ({ beginsWork }: Route): RequestHandler =>
    (_request, response, next) => {
      if (underWay >= (api?.maxRequests ?? Infinity) || (beginsWork && api?.admission?.isFull))
        return next(overloaded);
      underWay += 1;
      response.once('close', leaveOnceHandled);
      next();
    };

  const forget = function (this: ServerResponse): void {
    open.delete(this);
  };
  const trackOpen: RequestHandler = ({ headers }, response, next) => {
    // A request to speak another protocol is answered in this one. When that is done before its body is read, Node.js finds no further request on its connection.
    if (draining || headers.upgrade !== undefined) response.set('Connection', 'close');
    open.add(response);
    response.once('close', forget);
    next();
  };

  const operational = operationalRoutes({ readiness, metrics, isDraining: () => draining });
  const documentation = api === undefined ? [] : documentationRoutes(api.info, routes);
  const table = [...operational, ...documentation, ...routes];
  rejectDuplicates(table);

  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.use(trackOpen, observeRequests(logger, metrics), ...setStandardHeaders, rejectMalformedHead);
  for (const { method, path, handler } of [...operational, ...documentation])
    app[method](path, markRoute(path), handler);
  for (const route of routes) {
    const readers = route.body === undefined ? [] : readJsonBody;
    app[route.method](
      route.path,
      markRoute(route.path),
      limit(route),
      ...readers,
      routeHandler(route, api?.admission),
    );
  }
  app.use(answerUnrouted(table), answerErrors(logger, api?.isUnavailable ?? (() => false)));

  const server = createServer({ ...timeouts, ...expressMessages(app), requireHostHeader: false });
  inTurns(server, (request, response, begin) => {
    request.url = pathOf(request.url ?? '/');
    app(request, Object.assign(response, { locals: { begin } }));
  });
  answerClientErrors(server, trackUnfinishedResponses(server));

  const drain = (): void => {
    draining = true;
    for (const response of open) if (!response.headersSent) response.setHeader('Connection', 'close');
  };
  return {
    app,
    listen: (port, host) => listen(server, port, host),
    drain,
    async close(patience = 5_000) {
      drain();
      await closeServer(server, patience);
    },
  };
}

/** In milliseconds. Idle connections outlive the 60 s that proxies commonly keep them, so that none is cut in use. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};

/** Notes the pattern of the route that took the request, for the metrics. */
const markRoute =
  (path: string): RequestHandler<Record<string, string>, unknown, unknown, unknown, Locals> =>
  (_request, response, next) => {
    response.locals.route = path;
    next();
  };

/** Path and query of a request's target. Express answers what has no path by a page of its own, instead of routing it. */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  if (!URL.canParse(target)) return `/${target}`;
  const { pathname, search } = new URL(target);
  return `${pathname.startsWith('/') ? '' : '/'}${pathname}${search}`;
}

/** A missing `Host`, and percent signs that stand for nothing, or for bytes that are no UTF-8 or can't be stored. */
const rejectMalformedHead: RequestHandler = (request, _response, next) => {
  const { url, headers, httpVersion } = request;
  // Node would answer this without a problem.
  if (headers.host === undefined && httpVersion === '1.1')
    return next(new HttpError(400, 'The Host header is missing.'));
  if (!url.includes('%') || isDecodable(url)) return next();
  next(new HttpError(400, 'The URL has a malformed percent-encoding.'));
};

function isDecodable(url: string): boolean {
  try {
    return isStorable(decodeURIComponent(url));
  } catch {
    return false;
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function closeServer(server: Server, patience: number): Promise<void> {
  if (!server.listening) return;
  const cut = setTimeout(() => server.closeAllConnections(), patience);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(cut);
}
