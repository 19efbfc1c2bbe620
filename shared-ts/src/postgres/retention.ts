import type { Pool } from 'pg';

/** How long handled message ids, idempotency keys and the history of sagas are remembered: longer than the broker keeps messages. */
export const MEMORY_DAYS = 14;
/** How many days ahead the outbox has a partition. */
const PARTITIONS_AHEAD = 3;
const DELETE_AT_ONCE = 10_000;

/** All transactions below are published or parked; none while no relay has been here. */
const PUBLISHED_BELOW = `coalesce((SELECT min(published_below) FROM relay_checkpoint), '0'::xid8)`;

/**
 * A condition on `saga_history`. Whoever looks into a saga that hangs needs all of its history. A saga itself stays: it is what keeps an event that comes
 * again from starting it anew.
 */
export const ofEndedSagas = `NOT EXISTS (SELECT FROM sagas WHERE sagas.saga_id = saga_history.saga_id
                                  AND state IN ('RUNNING', 'COMPENSATING', 'STUCK'))`;

/**
 * Makes the outbox's partitions for the coming days, and drops those of days that are past the retention and wholly published. Rows of the default
 * partition (of days that had none in time) are deleted by then, one by one.
 * @param retention milliseconds
 */
export async function maintainOutbox(pool: Pool, retention: number, now: Date): Promise<void> {
  for (let day = 0; day <= PARTITIONS_AHEAD; day++) await makePartition(pool, addDays(now, day));
  const { rows } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'outbox'::regclass AND c.relname ~ '^outbox_\\d{8}$' ORDER BY 1`,
  );
  const oldest = partitionOf(new Date(now.getTime() - retention));
  for (const { name } of rows) {
    if (name < oldest && (await isPublished(pool, name))) await changeOutbox(pool, `DROP TABLE ${name}`);
  }
  await deleteInPieces(
    pool,
    'outbox_default',
    `created_at < $1 AND transaction_id < ${PUBLISHED_BELOW}
     AND (transaction_id, position) NOT IN (SELECT transaction_id, position FROM outbox_parked)`,
    new Date(now.getTime() - retention),
  );
}

/**
 * Forgets what is too old to come again.
 * @param condition SQL; which of these
 */
export async function forgetOld(
  pool: Pool,
  table: 'inbox' | 'message_attempts' | 'idempotency_keys' | 'saga_history',
  column: string,
  condition = 'true',
): Promise<void> {
  await deleteInPieces(
    pool,
    table,
    `${column} < now() - make_interval(days => $1) AND ${condition}`,
    MEMORY_DAYS,
  );
}

/** Deletes what a condition with one parameter meets, in transactions that are soon over. */
async function deleteInPieces(
  pool: Pool,
  table: string,
  condition: string,
  parameter: number | Date,
): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${condition} LIMIT $2)`,
      [parameter, DELETE_AT_ONCE],
    );
    if ((rowCount ?? 0) < DELETE_AT_ONCE) return;
  }
}

async function makePartition(pool: Pool, day: Date): Promise<void> {
  const name = partitionOf(day);
  const from = day.toISOString().slice(0, 10);
  const to = addDays(day, 1).toISOString().slice(0, 10);
  const { rows } = await pool.query('SELECT FROM pg_class WHERE relname = $1', [name]);
  if (rows.length > 0) return;
  // Rows of that day in the default partition would refuse the new one: then the default serves that day.
  const taken = await pool.query(
    `SELECT FROM outbox_default WHERE created_at >= $1 AND created_at < $2 LIMIT 1`,
    [`${from}T00:00:00Z`, `${to}T00:00:00Z`],
  );
  if ((taken.rowCount ?? 0) > 0) return;
  await changeOutbox(
    pool,
    `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF outbox FOR VALUES FROM ('${from}T00:00:00Z') TO ('${to}T00:00:00Z')`,
  );
}

/**
 * Changes the outbox's partitions, which locks it for a moment. Behind a long transaction the lock would be waited for, and every write behind
 * the lock: rather fail, and try again in an hour.
 */
async function changeOutbox(pool: Pool, sql: string): Promise<void> {
  // Statements of one simple query are one transaction.
  await pool.query(`SET LOCAL lock_timeout = '500ms'; ${sql}`);
}

/** Whether the relay has passed every row of a partition, and none is parked: the parking has no copy of it. */
async function isPublished(pool: Pool, partition: string): Promise<boolean> {
  const { rows } = await pool.query<{ published: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM ${partition} WHERE transaction_id >= ${PUBLISHED_BELOW})
     AND NOT EXISTS (SELECT FROM ${partition} JOIN outbox_parked USING (transaction_id, position)) AS published`,
  );
  return rows[0]?.published === true;
}

const partitionOf = (day: Date): string => `outbox_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;

const addDays = (day: Date, days: number): Date => new Date(day.getTime() + days * 86_400_000);
