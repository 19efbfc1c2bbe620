import { databases, rolesOf } from './infrastructure/databases';
import { provisionDatabases, waitForServer } from './infrastructure/provision';

const help = `Makes the seven databases of the fleet and their roles on a PostgreSQL server; harmless to run again.

  PG_ADMIN_CONN       connects as superuser, e.g. postgres://postgres:secret@localhost:5432/postgres
  FTGO_DB_PASSWORD    the password of every role that has none of its own
  <ROLE>_DB_PASSWORD  the password of one role, e.g. ACCOUNTING_DB_PASSWORD, ACCOUNTING_CDC_DB_PASSWORD`;

/** The variable that holds a role's own password. */
const variableFor = (role: string): string => `${role.toUpperCase()}_DB_PASSWORD`;

/** A relay without a password of its own has its database's: ACCOUNTING_DB_PASSWORD serves accounting_cdc too. */
function passwordFor(role: string): string | undefined {
  const database = role.replace(/_cdc$/, '');
  const variables = [variableFor(role), variableFor(database), 'FTGO_DB_PASSWORD'];
  return variables.map((name) => process.env[name]).find((value) => value !== undefined && value !== '');
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(help);
  const adminUrl = process.env['PG_ADMIN_CONN'];
  if (!adminUrl) throw new Error('PG_ADMIN_CONN is not set: it must connect to PostgreSQL as superuser');
  const passwords = new Map(rolesOf(databases).map((role) => [role, passwordFor(role)]));
  const missing = [...passwords].find(([, password]) => password === undefined)?.[0];
  if (missing !== undefined) {
    throw new Error(
      `${variableFor(missing)} is not set (nor FTGO_DB_PASSWORD for all): role ${missing} needs a password`,
    );
  }
  await waitForServer(adminUrl);
  await provisionDatabases({ adminUrl, passwordFor: (role) => passwords.get(role) ?? '' });
  console.log(`provisioned the databases ${databases.map(({ database }) => database).join(', ')}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
