import { configOrExit, natsUrls, postgresUrl, text, type Variable } from '@ftgo/shared-ts/config';
import { databases, rolesOf } from './infrastructure/databases';
import { provisionDatabases, provisionStream, waitForServer } from './infrastructure/provision';

/** The variable that holds a role's own password. */
const variableFor = (role: string): string => `${role.toUpperCase()}_DB_PASSWORD`;

const password = (description: string): Variable<string | undefined> => ({
  schema: text().optional(),
  description,
  secret: true,
});

const passwords: Readonly<Record<string, Variable<string | undefined>>> = {
  FTGO_DB_PASSWORD: password('password of every database role that has none of its own'),
  ...Object.fromEntries(
    rolesOf(databases).map((role) => [variableFor(role), password(`password of ${role}`)]),
  ),
};

const servers = {
  PG_ADMIN_CONN: {
    schema: postgresUrl(),
    description: 'connects to PostgreSQL as superuser: postgres://postgres:password@host:5432/postgres',
    secret: true,
  },
  NATS_URL: {
    schema: natsUrls().optional(),
    description: "address of the broker, as its operator; without it the broker's stream is left alone",
    secret: true,
  },
};

/** Makes the seven databases of the fleet, their roles and the broker's stream, where they are missing. */
async function main(): Promise<void> {
  const config = configOrExit({ ...passwords, ...servers });
  const { PG_ADMIN_CONN: adminUrl, NATS_URL: natsUrl } = config;
  const given: Readonly<Record<string, unknown>> = config;
  /** A relay without a password of its own has its database's: ACCOUNTING_DB_PASSWORD serves accounting_cdc too. */
  const passwordFor = (role: string): string => {
    const variables = [variableFor(role), variableFor(role.replace(/_cdc$/, '')), 'FTGO_DB_PASSWORD'];
    const found = variables.map((name) => given[name]).find((value) => typeof value === 'string');
    if (typeof found === 'string') return found;
    throw new Error(
      `${variableFor(role)} is not set (nor FTGO_DB_PASSWORD for all): role ${role} needs a password`,
    );
  };
  const chosen = new Map(rolesOf(databases).map((role) => [role, passwordFor(role)]));
  await waitForServer(adminUrl);
  await provisionDatabases({ adminUrl, passwordFor: (role) => chosen.get(role) ?? '' });
  console.log(`provisioned the databases ${databases.map(({ database }) => database).join(', ')}`);
  if (natsUrl === undefined) return;
  await provisionStream(natsUrl.join(','));
  console.log("provisioned the broker's stream");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
