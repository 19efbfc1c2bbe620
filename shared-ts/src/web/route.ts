import type { z } from 'zod';
import { type ZodType } from 'zod';
import type { MessageContext } from '../messaging/message';
import type { IdempotencyClaim } from '../messaging/idempotency-store';
import { idempotencyOf } from './idempotency';
import { validationError, type FieldError } from './problem';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A request as a route's handler gets it: validated, and typed by the route's schemas. */
export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** What everything that the request causes carries on. */
  readonly context: MessageContext;
  /** There when the route is idempotent and the client sent an `Idempotency-Key`; for `Transactor.execute`. */
  readonly idempotency?: IdempotencyClaim;
}

/** A route as a service writes it. A part without a schema is `undefined` for the handler. */
export interface RouteDefinition<P extends ZodType, Q extends ZodType, B extends ZodType, S extends ZodType> {
  readonly method: HttpMethod;
  /** With `:name` segments: `/api/orders/:orderID`. */
  readonly path: string;
  /** One line for the API's document. */
  readonly summary: string;
  readonly params?: P;
  /** Of flat names: `filter[status]` is one. A repeated parameter is an array of strings. */
  readonly query?: Q;
  /** Without it, a body that comes along is ignored. */
  readonly body?: B;
  /** Takes an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  /** Begins work that goes on after the answer; it is refused with 503 while too much of that is under way. */
  readonly beginsWork?: boolean;
  readonly success: { readonly status: number; readonly body: S };
  /** Statuses of the rejections that it can answer with, for the API's document: 404, 409, 422. */
  readonly rejections?: readonly number[];
  /**
   * Answers with the body of the success. A `Rejection` answers 404, 409 or 422, `Unavailable` or a lost
   * connection 503, anything else that is thrown 500.
   */
  readonly handle: (request: RouteRequest<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<S>>;
}

/** A request before validation. */
export interface UncheckedRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  readonly context: MessageContext;
}

/** A route whatever its types are: what the web server takes. */
export interface Route {
  readonly method: HttpMethod;
  readonly path: string;
  readonly summary: string;
  readonly params?: ZodType;
  readonly query?: ZodType;
  readonly body?: ZodType;
  readonly idempotent: boolean;
  readonly beginsWork: boolean;
  readonly success: { readonly status: number; readonly body: ZodType };
  readonly rejections: readonly number[];
  /** Validates the request and handles it. */
  readonly answer: (request: UncheckedRequest) => Promise<unknown>;
}

/** Makes a route whose handler is typed by its schemas. */
export function defineRoute<
  S extends ZodType,
  P extends ZodType = z.ZodUndefined,
  Q extends ZodType = z.ZodUndefined,
  B extends ZodType = z.ZodUndefined,
>(definition: RouteDefinition<P, Q, B, S>): Route {
  const { idempotent = false, beginsWork = false, rejections = [], handle, ...description } = definition;
  const { method, params, query, body } = definition;
  const answer = (request: UncheckedRequest): Promise<z.input<S>> => {
    const parsed = validate(request, { params, query, body });
    const scope = `${method.toUpperCase()} ${request.path.replace(/\/$/, '')}`;
    const idempotency = idempotent ? idempotencyOf(request.idempotencyKey, scope, request.body) : undefined;
    return handle({ context: request.context, idempotency, ...parsed });
  };
  return { ...description, idempotent, beginsWork, rejections, answer };
}

interface Schemas<P, Q, B> {
  readonly params: P | undefined;
  readonly query: Q | undefined;
  readonly body: B | undefined;
}

/** @throws HttpError 400 with everything that is wrong in any part */
function validate<P extends ZodType, Q extends ZodType, B extends ZodType>(
  request: UncheckedRequest,
  schemas: Schemas<P, Q, B>,
): { params: z.output<P>; query: z.output<Q>; body: z.output<B> } {
  const errors: FieldError[] = [];
  const params = check(schemas.params, request.params, errors);
  const query = check(schemas.query, request.query, errors);
  const body = check(schemas.body, request.body, errors);
  if (errors.length > 0) throw validationError(errors);
  return { params, query, body };
}

/** The parsed value; when it is wrong, the errors are added and what is returned must not be used. */
function check<T extends ZodType>(schema: T | undefined, value: unknown, errors: FieldError[]): z.output<T> {
  // T is ZodUndefined where the definition has no schema, so undefined is its output.
  if (schema === undefined) return undefined as z.output<T>;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  errors.push(...parsed.error.issues.map(fieldErrorOf));
  return undefined as z.output<T>;
}

function fieldErrorOf({ path, message }: z.core.$ZodIssue): FieldError {
  return { path: path.map(String).join('.').slice(0, 200), message };
}
