import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pool, PoolClient } from 'pg';

/** The schemas that shared-ts brings; a service names those it uses. */
export type SharedMigration = 'event-store' | 'outbox' | 'inbox' | 'idempotency' | 'sagas';

/** The files of each, in their order: what has run somewhere is not changed any more. */
const SHARED_FILES: Readonly<Record<SharedMigration, readonly string[]>> = {
  'event-store': ['event-store'],
  outbox: ['outbox'],
  inbox: ['inbox'],
  idempotency: ['idempotency'],
  sagas: ['sagas', 'sagas-version', 'sagas-history-age', 'sagas-history-ranges'],
};

/** Found by the package, since a bundle is elsewhere. */
const SHARED_FOLDER = join(dirname(require.resolve('@ftgo/shared-ts')), '..', 'migrations');

/** Serialises the migrations of replicas that start together; any fixed number does. */
const MIGRATION_LOCK = 4_710_815;

/**
 * Brings a service's database to the schema that its code expects: first the shared parts, then the files of its own folder in the
 * order of their names, each once and in a transaction. A file that was changed after it ran is refused.
 * @param folder the service's `migrations/` folder; may be missing
 */
export async function migrate(pool: Pool, shared: readonly SharedMigration[], folder: string): Promise<void> {
  const client = await pool.connect();
  // A connection that breaks says so by an event too, which would end the process; the statement under way reports it to the caller.
  client.on('error', ignore);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    for (const name of shared.flatMap((part) => SHARED_FILES[part]))
      await apply(client, `shared/${name}`, join(SHARED_FOLDER, `${name}.sql`));
    for (const file of await ownFiles(folder)) await apply(client, file, join(folder, file));
  } finally {
    // Ending the connection's session frees the lock too, whatever state it is in.
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    client.off('error', ignore);
    client.release();
  }
}

const ignore = (): void => undefined;

/** A service that needs no tables of its own has no folder: git keeps no empty one. */
async function ownFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
}

async function apply(client: PoolClient, name: string, file: string): Promise<void> {
  const sql = await readFile(file, 'utf8');
  const checksum = createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
  const { rows } = await client.query<{ checksum: string }>(
    'SELECT checksum FROM schema_migrations WHERE name = $1',
    [name],
  );
  if (rows[0] !== undefined) {
    if (rows[0].checksum === checksum) return;
    throw new Error(`Migration ${name} was changed after it had run; add a new one instead.`);
  }
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [name, checksum]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(ignore);
    throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
