import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, serviceVariables } from '@ftgo/shared-ts/config';
import { dataFolder, type Environment } from '../command-line';
import { notedPorts } from '../fleet/fleet-ports';
import { processes } from '../fleet/processes';
import { loadSecrets } from '../fleet/secrets';
import { operator } from '../infrastructure/broker-users';

/** Where dead letters are kept and replayed to. */
export interface Whereabouts {
  readonly databaseUrls: readonly string[];
  /** One URL or several, separated by commas. */
  readonly natsUrl: string;
}

/**
 * The fleet of `dataDir` if it is given, else what PG_CONN and NATS_URL say, else the fleet of the default data folder.
 *
 * @param service takes only this service's database, where the fleet tells which that is
 * @throws Error in one line when there is no such fleet or service, or a variable is wrong
 */
export function findWhereabouts(
  environ: Environment,
  dataDir: string | undefined,
  service: string | undefined,
): Whereabouts {
  // First, since it refuses an option that npm has kept, instead of which another database would be asked.
  const folder = dataFolder(dataDir, environ);
  if (dataDir === undefined && (environ['PG_CONN'] || environ['PG_CONN_FILE']))
    return fromEnvironment(environ);
  return ofFleet(folder, service);
}

function fromEnvironment(environ: Environment): Whereabouts {
  const { PG_CONN, NATS_URL } = serviceVariables('dead-letters');
  const parsed = parseConfig({ PG_CONN, NATS_URL }, environ);
  if (!parsed.ok)
    throw new Error(parsed.problems.map(({ name, message }) => `${name} ${message}`).join('; '));
  return { databaseUrls: [parsed.config.PG_CONN], natsUrl: parsed.config.NATS_URL.join(',') };
}

function ofFleet(dataDir: string, service: string | undefined): Whereabouts {
  const secretsFile = join(dataDir, 'secrets.json');
  const ports = notedPorts(dataDir);
  const { postgres, nats } = ports ?? {};
  if (!existsSync(secretsFile) || postgres === undefined || nats === undefined) {
    throw new Error(
      `no fleet has run with the data folder ${dataDir}: name another by --data-dir, or set PG_CONN and NATS_URL`,
    );
  }
  const services = processes.filter(({ kind }) => kind === 'service');
  const chosen = services.filter(({ id }) => service === undefined || id === service);
  if (chosen.length === 0)
    throw new Error(`there is no ${service}; there are ${services.map(({ id }) => id).join(', ')}`);
  const { roles, brokerUsers } = loadSecrets(secretsFile);
  const url = ({ role, database }: (typeof services)[number]): string =>
    `postgres://${role}:${encodeURIComponent(roles[role] ?? '')}@127.0.0.1:${postgres}/${database}`;
  return {
    databaseUrls: chosen.map(url),
    natsUrl: `nats://${operator}:${brokerUsers[operator] ?? ''}@127.0.0.1:${nats}`,
  };
}
