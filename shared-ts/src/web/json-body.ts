import { raw, type RequestHandler } from 'express';
import { HttpError, validationError } from './problem';

/** Largest body that is accepted, in bytes once unpacked: 100 kB. */
export const bodyLimit = 100_000;

/** What is said of a larger one. */
export const TOO_LARGE = 'The body is larger than 100 kB.';

/** Deepest nesting that is accepted; no request of the API needs more than a few levels. */
const deepest = 32;

const readBytes = raw({ limit: bodyLimit, type: () => true });
const decoder = new TextDecoder('utf-8', { fatal: true });

const expectJson: RequestHandler = ({ headers }, _response, next) => {
  const length = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (length === undefined || Number(length) === 0)) {
    return next(missingBody());
  }
  if (!isJsonInUtf8(headers['content-type'])) return next(unsupportedType(headers['content-type']));
  // The parser would say so when all of it has come.
  if (Number(length) > bodyLimit) return next(new HttpError(413, TOO_LARGE));
  next();
};

const parseBody: RequestHandler = (request, _response, next) => {
  request.body = parseJson(request.body);
  next();
};

/** Reads a request's body as JSON into `request.body`, or passes on the `HttpError` that says why it can't be. */
export const readJsonBody: readonly RequestHandler[] = [expectJson, readBytes, parseBody];

const missingBody = () => new HttpError(400, 'This request needs a JSON body.');

function unsupportedType(type: string | undefined): HttpError {
  const given = type === undefined ? 'none was given' : `not ${JSON.stringify(type)}`;
  return new HttpError(415, `The content type must be application/json in UTF-8, ${given}.`);
}

function isJsonInUtf8(header = ''): boolean {
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const isJson = type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type);
  return isJson && (charset === undefined || /^"?utf-?8"?$/.test(charset));
}

function parseJson(bytes: unknown): unknown {
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) throw missingBody();
  const value = parseText(bytes);
  rejectUnstorable(value);
  return value;
}

function parseText(bytes: Buffer): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw new HttpError(400, 'The body is not readable as JSON.');
  }
}

/** U+0000 and lone surrogates: JSON can write them, but PostgreSQL can't store them. */
const unstorable = /[\0\p{Surrogate}]/u;

/** Whether a text can be stored. */
export const isStorable = (text: string): boolean => !unstorable.test(text);

/**
 * Throws for what no route can do anything with: text that the database refuses, and nesting so deep that it
 * only serves to exhaust the stack.
 */
function rejectUnstorable(value: unknown, path: readonly (string | number)[] = []): void {
  if (typeof value === 'string' && !isStorable(value)) {
    throw validationError([
      { path: path.join('.'), message: 'must not contain U+0000 or half a surrogate pair' },
    ]);
  }
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= deepest)
    throw new HttpError(400, `The body is nested more than ${deepest} levels deep.`);
  const isArray = Array.isArray(value);
  for (const [key, child] of Object.entries(value)) {
    if (!isArray) rejectUnstorable(key, path);
    if (typeof child === 'string' || typeof child === 'object') rejectUnstorable(child, [...path, key]);
  }
}
