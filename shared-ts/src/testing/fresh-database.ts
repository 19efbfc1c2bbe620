import { createHash, randomBytes } from 'node:crypto';
import { Client, Pool } from 'pg';
import { migrate, type SharedMigration } from '../postgres';

/** Which schema a test's database has. */
export interface TestSchema {
  readonly shared: readonly SharedMigration[];
  /** A service's `migrations/` folder. */
  readonly folder: string;
}

/** A database of a test's own, on the server that the test run started. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  readonly pool: Pool;
  /** Closes the pool and drops the database. */
  drop(): Promise<void>;
}

/** Serialises the making of templates by test workers; any fixed number does. */
const TEMPLATE_LOCK = 4_710_816;

/** URL of the test run's PostgreSQL server, for a superuser. */
export function testServerUrl(): string {
  const url = process.env['FTGO_TEST_PG'];
  if (url === undefined)
    throw new Error('FTGO_TEST_PG is not set: run the tests by `npm test`, which starts PostgreSQL');
  return url;
}

/** Makes a fresh database; the migrations run once a schema, into a template that the others are copied from. */
export async function freshDatabase(schema: TestSchema): Promise<TestDatabase> {
  const template = `template_${createHash('sha256').update(JSON.stringify(schema)).digest('hex').slice(0, 16)}`;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) await makeTemplate(admin, template, schema);
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = databaseUrl(name);
  const pool = new Pool({ connectionString: url, max: 10 });
  // The server drops connections when a test drops its database; that is no failure.
  pool.on('error', () => undefined);
  return {
    name,
    url,
    pool,
    drop: async () => {
      await pool.end();
      await asAdmin((admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

async function makeTemplate(admin: Client, template: string, schema: TestSchema): Promise<void> {
  const making = `${template}_making`;
  await admin.query(`DROP DATABASE IF EXISTS ${making} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${making}`);
  const pool = new Pool({ connectionString: databaseUrl(making), max: 1 });
  try {
    await migrate(pool, schema.shared, schema.folder);
  } finally {
    await pool.end();
  }
  await admin.query(`ALTER DATABASE ${making} RENAME TO ${template}`);
}

async function asAdmin<T>(work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: testServerUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function databaseUrl(name: string): string {
  const url = new URL(testServerUrl());
  url.pathname = `/${name}`;
  return url.href;
}
