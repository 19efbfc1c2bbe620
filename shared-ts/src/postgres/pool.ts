import { Pool } from 'pg';
import type { Logger } from '../telemetry';

/**
 * A prepared statement is planned once and keeps its plan. PostgreSQL's own choice would plan it at each execution as long as it takes the values for worth it, and
 * with its default for the price of a page (that of a turning disk) a plan made while a table is empty reads all of it, and goes on so until the table is analysed.
 */
const PLANNING = '-c plan_cache_mode=force_generic_plan -c random_page_cost=1.1';

/**
 * Within a transaction nothing but the database is waited for. One that goes on for this long without asking it anything is that of a process that is frozen, or whose machine
 * is gone: the server ends it, since others wait for its rows, the replicas that were given its messages first of all.
 */
const LOST_PROCESSES =
  '-c idle_in_transaction_session_timeout=30s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

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
    keepAliveInitialDelayMillis: 10_000,
    options: `${PLANNING} ${LOST_PROCESSES}`,
  });
  // An idle connection that breaks is replaced at the next use; without this listener it would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'a database connection was lost'));
  return pool;
}
