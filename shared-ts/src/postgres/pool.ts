import { Pool } from 'pg';
import type { Logger } from '../telemetry';

/** Opens a connection pool; nothing is connected until it is used. */
export function createPool(
  options: { connectionString: string; max: number; serviceId: string },
  logger: Logger,
): Pool {
  const pool = new Pool({
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.serviceId,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced at the next use; without this listener it would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'a database connection was lost'));
  return pool;
}
