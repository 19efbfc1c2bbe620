import { Client } from 'pg';
import type { Fleet } from '../fleet/fleet';
import { superuser } from '../infrastructure/postgres-data';
import type { CuttableProxy } from './cuttable-proxy';

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

/** Sends a signal to a process of the fleet. False when it is down at the moment. */
export function signal(fleet: Fleet, name: string, what: NodeJS.Signals): boolean {
  if (fleet.pid(name) === undefined) return false;
  fleet.kill(name, what);
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
