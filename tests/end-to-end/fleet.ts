import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { Fleet, type FleetOptions } from '../../scripts/src/fleet/fleet';
import { removePostgresData } from '../../scripts/src/infrastructure/postgres';
import { FtgoApi } from './ftgo-api';

/** The whole of FTGO as one spec file's own: twelve processes, a database server and a broker. */
export interface TestFleet {
  readonly fleet: Fleet;
  readonly api: FtgoApi;
  /** Looks into a service's database, as its owner. */
  query<Row extends QueryResultRow>(database: string, text: string, values?: unknown[]): Promise<Row[]>;
  /** Ends everything and removes its data. */
  stop(): Promise<void>;
}

/** Starts a fleet on free ports with data of its own, and waits until every process is ready. */
export async function startTestFleet(options: Pick<FleetOptions, 'envFor'> = {}): Promise<TestFleet> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ftgo-fleet-'));
  const fleet = new Fleet({
    dataDir,
    ports: 'free',
    env: { ENVIRONMENT: 'production', LOG_LEVEL: 'info' },
    ...options,
  });
  const stop = async () => {
    await fleet.stop();
    removePostgresData(join(dataDir, 'postgres'));
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await fleet.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    fleet,
    api: new FtgoApi((service) => fleet.url(service)),
    // A connection for each look: one that is kept would not outlive a crash of the server.
    query: async <Row extends QueryResultRow>(database: string, text: string, values: unknown[] = []) => {
      const client = new Client({ connectionString: fleet.databaseUrl(database) });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query<Row>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    stop,
  };
}
