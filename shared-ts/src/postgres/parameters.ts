/**
 * A value as the text that PostgreSQL reads it from: dates as RFC 3339, other objects as JSON; null is SQL's NULL. For arrays, see `arrays.ts`.
 * @throws RangeError for an invalid date, TypeError for what is no JSON
 */
export function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
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
