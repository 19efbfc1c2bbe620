import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { MessageContext } from '../messaging/message';
import type { Logger, Metrics } from '../telemetry';
import type { Admission } from './admission';
import { contextOf } from './request-context';
import type { Route } from './route';

/** What the middleware leaves for what comes after it. */
export interface Locals {
  context: MessageContext;
  /** When it came, in the process's nanoseconds. */
  begin: bigint;
  /** Pattern of the route that took the request. */
  route?: string;
  /** Fulfilled when the route's handler has ended, well or not; there once it has begun. */
  handled?: Promise<unknown>;
}

type Handler = RequestHandler<Record<string, string>, unknown, unknown, Record<string, unknown>, Locals>;

/** Gives the request its context and its `X-Request-ID`, and measures it until the answer is out. */
export function observeRequests(logger: Logger, { httpRequestDuration }: Metrics): Handler {
  const observe = function (this: Response<unknown, Locals>): void {
    const { context, begin, route = 'unmatched' } = this.locals;
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    const { method } = this.req;
    // A client that goes away before it has its answer; the number is the one that nginx uses for it.
    const status = this.writableFinished ? this.statusCode : 499;
    httpRequestDuration.observe({ method, route, status }, seconds);
    if (!logger.isLevelEnabled('debug')) return;
    logger.debug(
      { correlationId: context.correlationId, method, route, status, seconds },
      'request answered',
    );
  };
  return (request, response, next) => {
    response.locals.begin ??= process.hrtime.bigint();
    response.locals.context = contextOf(request);
    response.setHeader('X-Request-ID', response.locals.context.correlationId);
    response.once('close', observe);
    next();
  };
}

/** Nothing of the answers may be kept, framed, sniffed or run; the one page that there is brings its style along. */
export const setStandardHeaders: readonly RequestHandler[] = [
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'unsafe-inline'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // Encryption ends before the services, at the ingress.
    strictTransportSecurity: false,
  }),
  (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  },
];

/** Runs a route and sends its answer; Express passes what it throws on to the error answers. */
export const routeHandler =
  ({ answer, success, beginsWork }: Route, admission?: Admission): Handler =>
  async (request, response) => {
    // A body may be unpacked only when its client has hung up. The request has given its place back then, so nothing may begin.
    if (response.destroyed) return;
    const { context } = response.locals;
    const { params, query, body, path } = request;
    const idempotencyKey = request.get('Idempotency-Key');
    const handle = () => answer({ params, query, body, path, idempotencyKey, context });
    const handling = beginsWork && admission !== undefined ? admission.run(handle) : handle();
    response.locals.handled = Promise.allSettled([handling]);
    response.status(success.status).json(await handling);
  };
