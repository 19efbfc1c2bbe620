import { createHash } from 'node:crypto';
import type { IdempotencyClaim } from '../messaging/idempotency-store';
import { HttpError } from './problem';

/**
 * Reads the `Idempotency-Key` header; undefined when there is none. The fingerprint is the SHA-256 of the body in
 * hexadecimal, whatever the order of its properties and its white space.
 * @param scope method and path: the same key on another route is another request
 * @throws HttpError 400 when it is not 1 to 255 visible ASCII characters
 */
export function idempotencyOf(
  header: string | undefined,
  scope: string,
  body: unknown,
): IdempotencyClaim | undefined {
  if (header === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new HttpError(400, 'The Idempotency-Key header must be 1 to 255 visible ASCII characters.');
  }
  return { key: header, scope, fingerprint: createHash('sha256').update(canonicalJson(body)).digest('hex') };
}

/** JSON with sorted property names and no white space, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
