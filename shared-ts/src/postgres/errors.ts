import { types } from 'node:util';

/** The SQLSTATE of an error that PostgreSQL reported. */
export const sqlState = (error: unknown): string | undefined =>
  types.isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** A row would have had NULL in this column, which does not take it: not_null_violation. */
export const lacksValue = (error: unknown, column: string): boolean =>
  sqlState(error) === '23502' && types.isNativeError(error) && 'column' in error && error.column === column;

/** Two writers met; trying again helps: serialization_failure, deadlock_detected. */
export const isContention = (error: unknown): boolean => ['40001', '40P01'].includes(sqlState(error) ?? '');

const CONNECTION_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
]);

/**
 * The database can't be reached or is going up or down: nothing is wrong with what was asked. Classes 08 (connection exception), 53
 * (insufficient resources) and 57P (operator intervention) of PostgreSQL's appendix A, a session that was ended because we were frozen (25P03), the system's socket errors, and pg's own words for a
 * connection that ended. Counts as the cause of another error too.
 */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  const code = sqlState(error);
  if (code !== undefined)
    return CONNECTION_CODES.has(code) || /^(08|53|57P|25P03)/.test(code) || lacksSocket(error);
  if (!types.isNativeError(error)) return false;
  if (isUnavailable(error.cause)) return true;
  return /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|connection timeout|Query read timeout/i.test(
    error.message,
  );
}

/** A server's Unix socket is no file any more once it has ended in order. */
const lacksSocket = (error: unknown): boolean =>
  sqlState(error) === 'ENOENT' &&
  types.isNativeError(error) &&
  'syscall' in error &&
  error.syscall === 'connect';

/** What a connection fails with whose server is silent: it counts as unavailable. */
export const silentServer = (): Error =>
  Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT' });
