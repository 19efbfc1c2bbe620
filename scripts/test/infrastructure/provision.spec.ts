import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../../src/fleet/ports';
import { databases } from '../../src/infrastructure/databases';
import type { PostgresServer } from '../../src/infrastructure/postgres';
import { removePostgresData, startPostgres } from '../../src/infrastructure/postgres';
import { provisionDatabases } from '../../src/infrastructure/provision';
import { operator } from '../../src/infrastructure/broker-users';
import { temporaryFolder } from '../temporary-folder';
import { GuardedBroker } from './guarded-broker';

jest.setTimeout(120_000);

describe('provisioning the databases', () => {
  const folder = temporaryFolder(async () => {
    await server.stop();
    removePostgresData(dataDir);
  });
  const dataDir = join(folder, 'postgres');
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres({ dataDir, port: await freePort(), password: 'admin' });
    await provision('first');
  });

  const provision = (prefix: string) =>
    provisionDatabases({ adminUrl: server.url, passwordFor: (role) => `${prefix}-${role}` });

  async function as(
    role: string,
    database: string,
    sql = 'SELECT 1',
    password = `first-${role}`,
  ): Promise<unknown[]> {
    const client = new Client({ host: '127.0.0.1', port: server.port, user: role, password, database });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query({ text: sql, rowMode: 'array' })).rows.flat() as unknown[];
    } finally {
      await client.end();
    }
  }

  it.each(databases)('gives $database to its owner', async ({ database, owner }) => {
    await as(owner, database, 'CREATE TABLE own (id int)');
    expect(await as(owner, database, 'SELECT count(*)::int FROM own')).toEqual([0]);
    const schemaOwner = `SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'`;
    expect(await as(owner, database, schemaOwner)).toEqual([owner]);
  });

  it.each(databases.filter(({ relay }) => relay !== undefined))(
    'lets the relay of $database in, to replicate and not to make tables',
    async ({ database, relay = '' }) => {
      expect(
        await as(relay, database, 'SELECT rolreplication FROM pg_roles WHERE rolname = current_user'),
      ).toEqual([true]);
      await expect(as(relay, database, 'CREATE TABLE mine (id int)')).rejects.toMatchObject({
        code: '42501',
      });
    },
  );

  it('says of each database when it is there, so that its processes need not wait for the others', async () => {
    const told: string[] = [];
    await provisionDatabases({
      adminUrl: server.url,
      passwordFor: (role) => `first-${role}`,
      databases: ['early', 'late'].map((name) => ({ database: name, owner: name })),
      onProvisioned: async (database) => {
        told.push(database);
        await as(database, database, 'CREATE TABLE own (id int)');
        if (database === 'early') await expect(as('late', 'late')).rejects.toMatchObject({ code: '3D000' });
      },
    });
    expect(told).toEqual(['early', 'late']);
  });

  it.each(['kitchen', 'kitchen_cdc', 'delivery'])('keeps %s out of a database of others', async (role) => {
    await expect(as(role, 'accounting')).rejects.toMatchObject({ code: '42501' });
  });

  it('can be done again, keeps what is there, and takes new passwords over', async () => {
    await as('accounting', 'accounting', 'CREATE TABLE precious AS SELECT 7 AS number');
    await provision('second');
    expect(await as('accounting', 'accounting', 'SELECT number FROM precious', 'second-accounting')).toEqual([
      7,
    ]);
    await expect(as('accounting', 'accounting')).rejects.toMatchObject({ code: '28P01' });
    await provision('first');
  });

  it('takes its secrets from files, and makes the stream', async () => {
    const broker = await GuardedBroker.start(folder);
    const secrets = {
      PG_ADMIN_CONN: server.url,
      NATS_URL: broker.url(operator),
      FTGO_DB_PASSWORD: 'of-all-others',
      KITCHEN_DB_PASSWORD: 'of-the-kitchen',
    };
    const env = Object.entries(secrets).map(([name, secret]) => {
      const file = join(folder, name);
      writeFileSync(file, `${secret}\n`, { mode: 0o600 });
      return [`${name}_FILE`, file];
    });
    const entry = join(__dirname, '..', '..', 'dist', 'provision.js');
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [entry], {
        env: { PATH: process.env['PATH'], ...Object.fromEntries(env) },
      });
      for (const secret of Object.values(secrets)) expect(stdout + stderr).not.toContain(secret);
      for (const role of ['kitchen', 'kitchen_cdc'])
        expect(await as(role, 'kitchen', 'SELECT 1', 'of-the-kitchen')).toEqual([1]);
      expect(await as('accounting', 'accounting', 'SELECT 1', 'of-all-others')).toEqual([1]);
      await broker.broker('order-service', 'use');
    } finally {
      await broker.stop();
      await provision('first');
    }
  });
});
