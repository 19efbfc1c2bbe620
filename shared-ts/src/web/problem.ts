import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

/** One thing that is wrong with a request. */
export interface FieldError {
  /** Where: property names and indexes, separated by dots; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** The body of an error answer, `application/problem+json` (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Repeats `detail`, for clients of the first implementation. */
  readonly message: string;
  /** Path of the request. */
  readonly instance?: string;
  /** Name of the reason, for programs. */
  readonly code?: string;
  readonly errors?: readonly FieldError[];
  /** The `X-Request-ID` of the answer. */
  readonly request_id?: string;
}

/** Shape of a problem, for the API's documents. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  message: z.string().meta({ description: 'repeats detail' }),
  instance: z.string().optional(),
  code: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  request_id: z.string().optional(),
});

export const problemContentType = 'application/problem+json; charset=utf-8';

interface HttpErrorDetails {
  readonly errors?: readonly FieldError[];
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer that is a problem, thrown by the web edge itself: the request is wrong as HTTP, not for the business. */
export class HttpError extends Error {
  readonly errors?: readonly FieldError[];
  readonly code?: string;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message the problem's detail; it is shown to the client */
  constructor(
    readonly status: number,
    message: string,
    { errors, code, headers = {}, cause }: HttpErrorDetails = {},
  ) {
    super(message, { cause });
    this.name = 'HttpError';
    this.errors = errors;
    this.code = code;
    this.headers = headers;
  }
}

/** More requests, or more work that they have begun, are under way than the service takes on: 503 with `Retry-After`. One for all: in a flood, the stack of each would cost more than its answer. */
export const overloaded = new HttpError(
  503,
  'The service has more to do than it takes on at a time; try again in a moment.',
  { code: 'OVERLOADED', headers: { 'Retry-After': '1' } },
);

/** Nothing was done, since what it needs can't be reached or others were faster, and the same request may succeed soon: 503 with `Retry-After`. */
export class Unavailable extends HttpError {
  constructor(message: string, { cause }: ErrorOptions = {}) {
    super(503, message, { code: 'UNAVAILABLE', headers: { 'Retry-After': '1' }, cause });
    this.name = 'Unavailable';
  }
}

/** The request does not have the shape that the route asks for: 400 with all that is wrong. */
export function validationError(errors: readonly FieldError[]): HttpError {
  return new HttpError(400, summaryOf(errors), { code: 'VALIDATION_FAILED', errors: errors.slice(0, 100) });
}

function summaryOf(errors: readonly FieldError[]): string {
  const shown = errors.slice(0, 3).map(({ path, message }) => (path ? `${path}: ${message}` : message));
  const more = errors.length > shown.length ? ` (and ${errors.length - shown.length} more)` : '';
  return `The request is not valid: ${shown.join('; ')}${more}`;
}

/** The problem that an error answers with. Its type is the code's URN, or `about:blank` for a plain HTTP status. */
export function problemOf({ status, message, code, errors }: HttpError): Problem {
  const phrase = STATUS_CODES[status] ?? 'Error';
  return {
    type: code === undefined ? 'about:blank' : `urn:ftgo:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: code === undefined ? phrase : titleOf(code),
    status,
    detail: message,
    message,
    code,
    errors,
  };
}

/** `ORDER_NOT_FOUND` as people write it: `Order not found`. */
function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
