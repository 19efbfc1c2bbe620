import type { Pool } from 'pg';
import { sqlState } from '../postgres/errors';

/** SQLSTATEs that tell what is wrong with a slot. */
export const SLOT_IN_USE = '55006';
const DUPLICATE_OBJECT = '42710';
const UNDEFINED_OBJECT = '42704';

/**
 * Whether a slot can be streamed from. Existing is not enough: the server may have removed what it stands
 * for.
 */
export type SlotHealth =
  | { readonly state: 'missing' }
  | { readonly state: 'lost'; readonly reason: string }
  | { readonly state: 'usable'; readonly retainedBytes: number };

/** A row of pg_replication_slots; which columns there are depends on the server's version. */
interface SlotRow {
  readonly plugin: string | null;
  readonly database: string | null;
  readonly current: string;
  readonly wal_status?: string | null;
  readonly invalidation_reason?: string | null;
  readonly conflicting?: boolean | null;
  readonly retained: string | null;
}

/** Looks a slot up. Throws when it is one of another kind or database, since that is nobody's to drop. */
export async function inspectSlot(pool: Pool, slot: string): Promise<SlotHealth> {
  const { rows } = await pool.query<SlotRow>(
    `SELECT s.*, current_database() AS current,
            pg_wal_lsn_diff(pg_current_wal_insert_lsn(), s.restart_lsn)::text AS retained
     FROM pg_replication_slots s WHERE s.slot_name = $1`,
    [slot],
  );
  const row = rows[0];
  if (!row) return { state: 'missing' };
  if (row.plugin !== 'pgoutput' || row.database !== row.current) {
    throw new Error(`replication slot ${slot} exists, but not as a pgoutput slot of database ${row.current}`);
  }
  if (row.invalidation_reason) return { state: 'lost', reason: row.invalidation_reason };
  if (row.wal_status === 'lost') return { state: 'lost', reason: 'its write-ahead log was removed' };
  if (row.conflicting) return { state: 'lost', reason: 'it conflicted with recovery' };
  return { state: 'usable', retainedBytes: Number(row.retained ?? 0) };
}

/** Creates the slot, unless it is there. Waits for the transactions that run now, as PostgreSQL does. */
export async function createSlot(pool: Pool, slot: string): Promise<void> {
  await ignoring(
    DUPLICATE_OBJECT,
    pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]),
  );
}

/** Drops the slot, if it is there. */
export async function dropSlot(pool: Pool, slot: string): Promise<void> {
  await ignoring(UNDEFINED_OBJECT, pool.query('SELECT pg_drop_replication_slot($1)', [slot]));
}

async function ignoring(state: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (sqlState(error) !== state) throw error;
  }
}
