import type { ErrorRequestHandler, Response } from 'express';
import { Rejection, type RejectionKind } from '../domain';
import { ConcurrencyConflict } from '../event-sourcing';
import type { Logger } from '../telemetry';
import { TOO_LARGE } from './json-body';
import { HttpError, overloaded, Unavailable, problemContentType, problemOf } from './problem';

const statusOf: Record<RejectionKind, number> = { 'not-found': 404, conflict: 409, unprocessable: 422 };

/** What Express and its body reader throw; their messages are not for clients. */
const details: Readonly<Record<number, string>> = {
  400: 'The request is malformed.',
  413: TOO_LARGE,
  415: 'The content encoding must be none, gzip, deflate or br, and the charset UTF-8.',
};

/** The HTTP error that anything thrown amounts to; null for a fault that is ours. */
function asHttpError(error: unknown, isUnavailable: (error: unknown) => boolean): HttpError | null {
  if (error instanceof HttpError) return error;
  if (error instanceof Rejection) {
    return new HttpError(statusOf[error.kind], error.message, { code: error.code });
  }
  const status = clientErrorStatus(error);
  if (status !== null) {
    return new HttpError(status, details[status] ?? 'The request is wrong.', { cause: error });
  }
  // Nothing was done: others were faster, each time that it was tried.
  if (!(error instanceof ConcurrencyConflict) && !isUnavailable(error)) return null;
  return new Unavailable('The service can not do this right now; try again soon.', { cause: error });
}

/** Express and its body reader mark errors that may be told to the client with `expose` and a status. */
function clientErrorStatus(error: unknown): number | null {
  if (!(error instanceof Error) || !('expose' in error) || error.expose !== true) return null;
  const status = 'status' in error && typeof error.status === 'number' ? error.status : 500;
  return status >= 400 && status < 500 ? status : null;
}

/** Answers every error as a problem. A fault is logged with all we know, and the client learns nothing of it. */
export function answerErrors(
  logger: Logger,
  isUnavailable: (error: unknown) => boolean,
): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const known = asHttpError(error, isUnavailable);
    const requestId = response.getHeader('X-Request-ID');
    // Thousands of lines about a flood would only add to it; the metrics count them.
    if (known === null || (known.status >= 500 && known !== overloaded)) {
      logger.error(
        { err: known?.cause ?? error, correlationId: requestId, method: request.method, path: request.path },
        known === null ? 'request failed' : 'request failed: unavailable',
      );
    }
    // Too late for another answer: Express breaks the connection off, so that the client does not take it for whole.
    if (response.headersSent) return next(error);
    sendProblem(response, known ?? internalError(), { instance: request.path, requestId });
  };
}

const internalError = () =>
  new HttpError(500, 'Something went wrong on our side.', { code: 'INTERNAL_ERROR' });

function sendProblem(
  response: Response,
  error: HttpError,
  { instance, requestId }: { instance: string; requestId: unknown },
): void {
  // The client has hung up. An answer would count as given.
  if (response.socket?.destroyed === true) return;
  const problem = { ...problemOf(error), instance, request_id: requestId };
  response.status(error.status).set(error.headers);
  response.setHeader('Content-Type', problemContentType);
  const body = JSON.stringify(problem);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  // As text, it goes out with the head; Express would look at its type again.
  response.end(body);
}
