import { ArrayParameter } from './arrays';
import type { Value } from './statement-batch';

/**
 * A value as the text that PostgreSQL reads it from: dates as RFC 3339, other objects as JSON. Arrays say their type; see `arrays.ts`.
 * @throws RangeError for an invalid date, TypeError for what is no JSON or not of an array's type
 */
export function toParameter(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof ArrayParameter) return value.toPostgres();
  if (value instanceof Date) return toTimestamp(value);
  return typeof value === 'object' ? JSON.stringify(value) : `${value as number | bigint | boolean}`;
}

/** RFC 3339, but for the year: PostgreSQL knows no year 0, and takes no sign. */
function toTimestamp(date: Date): string {
  const text = date.toISOString();
  const year = date.getUTCFullYear();
  const rest = text.slice(text.indexOf('-', 1));
  return `${String(year > 0 ? year : 1 - year).padStart(4, '0')}${rest}${year > 0 ? '' : ' BC'}`;
}
