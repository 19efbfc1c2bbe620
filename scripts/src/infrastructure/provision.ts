import { setTimeout as sleep } from 'node:timers/promises';
import { NatsBroker } from '@ftgo/shared-ts/messaging';
import { createLogger } from '@ftgo/shared-ts/telemetry';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { DatabaseDefinition } from './databases';
import { databases } from './databases';

/** What {@link provisionDatabases} is told. */
export interface ProvisionOptions {
  /** Connects as superuser; the database named in it is only used to get in. */
  readonly adminUrl: string;
  /** The password that a role shall have. */
  readonly passwordFor: (role: string) => string;
  /** The fleet's seven databases if left out. */
  readonly databases?: readonly DatabaseDefinition[];
  /** Told of each database that is there; the next one is begun when this resolves. */
  readonly onProvisioned?: (database: string) => Promise<void>;
}

/**
 * Makes the databases and their roles, or brings them to what they shall be; to run it again changes nothing. The
 * owner role owns the database and its schema `public`. The relay role may log in and replicate, nothing more: what it
 * needs in the tables is granted by the migration that makes them. No other role may connect.
 */
export async function provisionDatabases(options: ProvisionOptions): Promise<void> {
  const definitions = options.databases ?? databases;
  await asSuperuser(options.adminUrl, async (admin) => {
    for (const definition of definitions) {
      await ensureRole(admin, definition.owner, 'LOGIN NOREPLICATION', options.passwordFor(definition.owner));
      if (definition.relay === undefined) continue;
      await ensureRole(admin, definition.relay, 'LOGIN REPLICATION', options.passwordFor(definition.relay));
    }
    for (const definition of definitions) {
      await ensureDatabase(admin, definition);
      await giveSchemaAway(options.adminUrl, definition);
      await options.onProvisioned?.(definition.database);
    }
  });
}

async function ensureRole(admin: Client, role: string, attributes: string, password: string): Promise<void> {
  const exists = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = exists.rowCount === 0 ? 'CREATE' : 'ALTER';
  const name = escapeIdentifier(role);
  await admin.query(`${verb} ROLE ${name} ${attributes} NOSUPERUSER PASSWORD ${escapeLiteral(password)}`);
}

async function ensureDatabase(admin: Client, { database, owner, relay }: DatabaseDefinition): Promise<void> {
  const name = escapeIdentifier(database);
  const exists = await admin.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (exists.rowCount === 0) await admin.query(`CREATE DATABASE ${name} OWNER ${escapeIdentifier(owner)}`);
  const allowed = [owner, ...(relay === undefined ? [] : [relay])].map(escapeIdentifier).join(', ');
  await admin.query(`ALTER DATABASE ${name} OWNER TO ${escapeIdentifier(owner)}`);
  await admin.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT ON DATABASE ${name} TO ${allowed}`);
}

async function giveSchemaAway(adminUrl: string, { database, owner }: DatabaseDefinition): Promise<void> {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  await asSuperuser(url.href, async (admin) => {
    await admin.query(`ALTER SCHEMA public OWNER TO ${escapeIdentifier(owner)}`);
  });
}

/** Makes the broker's stream, or brings its limits up to date; waits for a broker that is not up yet. The URL is the operator's. */
export async function provisionStream(natsUrl: string): Promise<void> {
  const logger = createLogger({ serviceId: 'provision', environment: 'production', level: 'silent' });
  const broker = await NatsBroker.connect({ url: natsUrl, serviceId: 'provision' }, logger);
  await broker.close();
}

async function asSuperuser(url: string, work: (admin: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Waits until the server takes connections, asking at growing intervals.
 *
 * @throws the last refusal once `timeoutMs` milliseconds have passed, and at once when the password is wrong
 */
export async function waitForServer(adminUrl: string, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let pause = 100; ; pause = Math.min(pause * 2, 3000)) {
    try {
      return await asSuperuser(adminUrl, async (admin) => void (await admin.query('SELECT 1')));
    } catch (error) {
      if (Date.now() + pause > deadline || isRefusedForGood(error)) throw error;
      await sleep(pause);
    }
  }
}

/** SQLSTATE class 28: the server is there and does not let this user in. */
function isRefusedForGood(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('28');
}
