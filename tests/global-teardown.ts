import { rm } from 'node:fs/promises';
import { removePostgresData } from '../scripts/src/infrastructure/postgres';
import { servers } from './servers';

/** Stops what the global set-up started, and removes its data. */
export default async function globalTeardown(): Promise<void> {
  await servers.nats?.stop();
  await servers.postgres?.stop();
  if (servers.folder === undefined) return;
  removePostgresData(`${servers.folder}/postgres`);
  await rm(servers.folder, { recursive: true, force: true });
}
