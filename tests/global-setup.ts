import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '../scripts/src/infrastructure/nats';
import { freePort } from '../scripts/src/fleet/ports';
import { startPostgres } from '../scripts/src/infrastructure/postgres';
import globalTeardown from './global-teardown';
import { servers } from './servers';

/** Starts what the tests share: one PostgreSQL (each test makes a database of its own) and one NATS server. */
export default async function globalSetup(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ftgo-test-'));
  const [postgresPort, natsPort] = [await freePort(), await freePort()];
  servers.folder = folder;
  try {
    servers.postgres = await startPostgres({
      dataDir: join(folder, 'postgres'),
      port: postgresPort,
      password: 'test',
      settings: { max_wal_senders: '50', max_replication_slots: '50', max_connections: '300' },
    });
    servers.nats = await startNats({ storeDir: join(folder, 'nats'), port: natsPort });
    process.env['FTGO_TEST_PG'] = servers.postgres.url;
    process.env['FTGO_TEST_NATS'] = servers.nats.url;
  } catch (error) {
    // Jest does not tear down what was only half set up.
    await globalTeardown();
    throw error;
  }
}
