import { randomUUID } from 'node:crypto';

const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * The `traceparent` to pass on: the same trace with a span of its own, or a new trace when the parent is missing
 * or malformed. Rules: W3C Trace Context, section 3.2 (all-zero ids and version ff are invalid, a later version
 * is read by the fields of version 00).
 */
export function childTraceparent(parent?: string): string {
  const trace = parent === undefined ? null : parseTraceparent(parent);
  const spanId = randomDigits().slice(0, 16);
  return trace ? `00-${trace.traceId}-${spanId}-${trace.flags}` : `00-${randomDigits()}-${spanId}-01`;
}

/** 32 hexadecimal digits, 122 bits of which are random; Node keeps a stock of them, so that no request waits for the random numbers of the system. */
const randomDigits = (): string => randomUUID().replaceAll('-', '');

/** The trace's id and flags; null when the header is not a valid one. */
export function parseTraceparent(header: string): { traceId: string; flags: string } | null {
  const [, version, traceId, spanId, flags, rest] = shape.exec(header) ?? [];
  if (!version || !traceId || !spanId || !flags || version === 'ff') return null;
  if (version === '00' && rest !== undefined) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, flags };
}
