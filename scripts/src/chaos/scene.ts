import { Client } from 'pg';
import type { Fleet } from '../fleet/fleet';
import { superuser } from '../infrastructure/postgres-data';
import type { CuttableProxy } from './cuttable-proxy';
import { descendantsOf } from './process-tree';

/** What faults are done to. */
export interface Scene {
  readonly fleet: Fleet;
  /** What the fleet takes for its broker. */
  readonly broker: CuttableProxy;
}

/** Runs one statement as superuser on a database of the fleet. */
export async function query<Row extends object>(
  fleet: Fleet,
  database: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new Client({
    connectionString: fleet.databaseUrl(database, superuser),
    application_name: 'chaos',
    connectionTimeoutMillis: 3_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Sends a signal to a process of the fleet; of PostgreSQL, to all its processes. False when it is down at the moment. */
export function signal(fleet: Fleet, name: string, what: NodeJS.Signals): boolean {
  const pid = fleet.pid(name);
  if (pid === undefined) return false;
  const children = name === 'postgres' && what !== 'SIGKILL' ? descendantsOf(pid) : [];
  fleet.kill(name, what);
  for (const child of children) sendTo(child, what);
  return true;
}

/** False when there is no such process any more. */
export function sendTo(pid: number, what: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, what);
  } catch {
    return false;
  }
}
