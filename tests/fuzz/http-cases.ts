import { parse } from 'node:querystring';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Route } from '@ftgo/shared-ts';
import { hostileBytes, hostileText, mutated, textOf } from './hostile-input';
import { validInput, type Known } from './valid-input';

/** A request to a route, before it is bytes. */
export interface HttpCase {
  readonly method: string;
  /** What stands behind the method. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
  /** What the route's schemas say; undefined where the request is wrong in other ways, too. */
  readonly accepted: boolean | undefined;
}

/** What a route reads, before it is written as a request. */
interface Parts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** Requests that the route's schemas accept. */
export const validRequest = (route: Route, known: Known): fc.Arbitrary<HttpCase> =>
  fc
    .tuple(validParts(route, known), idempotencyKey(route))
    .map(([parts, headers]) => requestOf(route, parts, headers));

/** Requests with one thing changed in what the route reads; some of them are still accepted. */
export const nearlyValidRequest = (route: Route, known: Known): fc.Arbitrary<HttpCase> => {
  const parts = validParts(route, known);
  const read = (['params', 'query', 'body'] as const).filter((part) => route[part] !== undefined);
  return fc
    .constantFrom(...read)
    .chain((part) =>
      fc
        .tuple(parts, mutated(parts.map((all) => all[part])))
        .map(([all, other]) => ({ ...all, [part]: other })),
    )
    .map((all) => requestOf(route, all, []));
};

/** Requests with hostile headers, bodies, encodings, methods and targets. */
export const hostileRequest = (route: Route, known: Known): fc.Arbitrary<HttpCase> => {
  const valid = validRequest(route, known).map((request) => ({ ...request, accepted: undefined }));
  const withBody = fc
    .tuple(valid, hostileBytes, fc.array(hostileHeader, { maxLength: 2 }))
    .map(([request, body, headers]) => ({ ...request, body, headers: [jsonType, ...headers] }));
  const withHeaders = fc
    .tuple(valid, fc.array(hostileHeader, { minLength: 1, maxLength: 4 }))
    .map(([request, headers]) => ({ ...request, headers: [...headers, ...request.headers] }));
  const packed = fc.tuple(valid, encoding).map(([request, [name, pack]]) => ({
    ...request,
    body: pack(request.body ?? Buffer.from('{}')),
    headers: [jsonType, ['Content-Encoding', name] as const],
  }));
  const withMethod = fc.tuple(valid, method).map(([request, other]) => ({ ...request, method: other }));
  const withTarget = fc
    .tuple(valid, hostileTarget)
    .map(([request, change]) => ({ ...request, target: change(request.target) }));
  return fc.oneof(withBody, withHeaders, packed, withMethod, withTarget);
};

const jsonType = ['Content-Type', 'application/json'] as const;

const validParts = (route: Route, known: Known): fc.Arbitrary<Parts> => {
  const part = (name: keyof Parts) => {
    const schema = route[name];
    return schema === undefined ? fc.constant(undefined) : validInput(schema, known);
  };
  return fc.record({ params: part('params'), query: part('query'), body: part('body') });
};

/** Few keys, so that they come again with the same and with other bodies. */
const idempotencyKey = (route: Route) =>
  route.idempotent
    ? fc.oneof(
        fc.constant([]),
        fc.constantFrom('key-1', 'key-2', 'key-3', 'key-4').map((key) => [['Idempotency-Key', key] as const]),
      )
    : fc.constant([]);

function requestOf(route: Route, parts: Parts, headers: HttpCase['headers']): HttpCase {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encoded(memberOf(parts.params, name)));
  const query = queryOf(parts.query);
  const body = route.body === undefined ? undefined : JSON.stringify(parts.body);
  const isAccepted = (['params', 'query', 'body'] as const).every(
    (part) => route[part] === undefined || route[part].safeParse(asSent(part, parts[part])).success,
  );
  return {
    method: route.method.toUpperCase(),
    target: query === '' ? path : `${path}?${query}`,
    headers: body === undefined ? headers : [jsonType, ...headers],
    body: body === undefined ? undefined : Buffer.from(body),
    accepted: isAnotherPath(route, parts.params) || holdsUnstorable(body) ? undefined : isAccepted,
  };
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : value;

/** With an empty segment the path is another route's, or nobody's. */
const isAnotherPath = ({ params }: Route, given: unknown): boolean =>
  params !== undefined && !/^[^/]+$/.test(pathEnd(given));

/** Texts that can't be stored are refused before the schemas see them, in members that no schema knows, too. */
const holdsUnstorable = (body: string | undefined): boolean => /\\u(0000|d[89a-f])/.test(body ?? '');

const pathEnd = (params: unknown): string =>
  typeof params === 'object' && params !== null ? Object.values(params).map(textOf).join('') : '';

/** Path and query are texts when they arrive, whatever they were made of. */
function asSent(part: keyof Parts, value: unknown): unknown {
  if (part === 'body') return value === undefined ? undefined : JSON.parse(JSON.stringify(value) ?? 'null');
  if (part === 'query') return { ...parse(queryOf(value)) };
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, textOf(each)]));
}

function queryOf(query: unknown): string {
  if (typeof query !== 'object' || query === null) return '';
  return Object.entries(query)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as unknown[]) : [value]).map(
        (each) => `${encoded(name)}=${encoded(each)}`,
      ),
    )
    .join('&');
}

/** Percent-encoded; lone surrogates, which have no UTF-8, as the bytes that they would be. */
function encoded(value: unknown): string {
  const text = textOf(value);
  return text.isWellFormed() ? encodeURIComponent(text) : '%ed%a0%80';
}

const encoding = fc.constantFrom<readonly [string, (body: Buffer) => Buffer]>(
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['GZIP', gzipSync],
  ['gzip', (body) => body],
  ['br', (body) => gzipSync(body)],
  ['gzip', (body) => gzipSync(body).subarray(0, 15)],
  ['gzip', () => gzipSync(Buffer.alloc(20_000_000, ' '))],
  ['gzip, gzip', (body) => gzipSync(gzipSync(body))],
  ['compress', (body) => body],
  ['identity', (body) => body],
  ['__proto__', (body) => body],
);

const method = fc.constantFrom(
  ...[
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'CONNECT',
    'PROPFIND',
    'MKCOL',
    'M-SEARCH',
  ],
  ...['QUERY', 'get', 'GETX', ''],
);

const types = [
  ...[
    'text/plain',
    'application/xml',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
  ],
  ...[
    'application/json; charset="utf-8"',
    'application/vnd.api+json',
    'multipart/form-data; boundary=x',
    ';',
    'json',
  ],
  ...['application/json; charset=__proto__', 'application/jsonx', 'application/json, text/plain'],
];

const hostileHeader: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.constantFrom(...types).map((type) => ['Content-Type', type] as const),
  fc
    .tuple(
      fc.constantFrom(
        ...[
          'X-Request-ID',
          'traceparent',
          'tracestate',
          'Idempotency-Key',
          'Accept',
          'Accept-Encoding',
          'Range',
          'Cookie',
        ],
        ...[
          'If-None-Match',
          'X-Forwarded-For',
          'X-HTTP-Method-Override',
          'Origin',
          'Authorization',
          '__proto__',
          'Referer',
        ],
      ),
      fc.oneof(
        hostileText,
        fc.constantFrom('x'.repeat(128), 'x'.repeat(129), 'x'.repeat(255), 'x'.repeat(256), '\xff'),
      ),
    )
    .map(([name, value]) => [name, value] as const),
  fc.constantFrom<readonly [string, string]>(
    ['Expect', '100-continue'],
    ['Expect', 'a miracle'],
    ['Upgrade', 'websocket'],
    ['Upgrade', 'h2c'],
    ['Connection', 'upgrade'],
    ['Connection', 'close'],
    ['Connection', 'keep-alive, X-Request-ID'],
    ['Keep-Alive', 'timeout=999999'],
    ['Trailer', 'X-Request-ID'],
    ['Host', 'second'],
    ['traceparent', '00-00000000000000000000000000000000-0000000000000000-00'],
  ),
);

const hostileTarget = fc.oneof(
  fc.constantFrom<(target: string) => string>(
    (target) => target.replace(/[^/]*$/, '%00'),
    (target) => target.replace(/[^/]*$/, '%ff'),
    (target) => target.replace(/[^/]*$/, '%'),
    (target) => target.replace(/[^/]*$/, '%ed%a0%80'),
    (target) => target.replace(/[^/]*$/, '..%2f..%2fetc%2fpasswd'),
    (target) => target.replace(/[^/]*$/, '__proto__'),
    (target) => target.replace(/[^/]*$/, '\xe9'),
    (target) => `${target}/`,
    (target) => `${target}//`,
    (target) => `/${target}`,
    (target) => target.toUpperCase(),
    (target) => `${target}?${'a=1&'.repeat(2_000)}`,
    (target) => `${target}?__proto__=1&constructor[prototype]=2&a[b][c]=d`,
    (target) => `${target}?limit=1&limit=2&next=1&next=2`,
    (target) => `${target}#fragment`,
    (target) => `${target}/${'x'.repeat(9_000)}`,
    (target) => `${target}/${'x'.repeat(20_000)}`,
    (target) => `http://elsewhere${target}`,
    (target) => `foo://elsewhere${target}`,
    () => 'foo://elsewhere',
    () => 'http://[::1',
    () => 'http://elsewhere',
    () => '*',
    () => '//',
    () => '/',
    () => 'api',
    () => '?',
  ),
  hostileText.map((text) => (target: string) => `${target}?${encoded(text)}=${encoded(text)}`),
  hostileText.map(
    (text) => (target: string) =>
      `${target}?filter[keywords]=${encoded(text)}&filter[since]=${encoded(text)}`,
  ),
  hostileText.map((text) => (target: string) => `${target}?next=${Buffer.from(text).toString('base64url')}`),
);
