import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { isUnavailable, migrate } from '../../src/postgres';
import { eventually, testServerUrl } from '../../src/testing';

describe('migrations', () => {
  const database = `test_${randomBytes(8).toString('hex')}`;
  let folder: string;
  let pool: Pool;

  const asAdmin = async (sql: string): Promise<void> => {
    const admin = new Client({ connectionString: testServerUrl() });
    await admin.connect();
    try {
      await admin.query(sql);
    } finally {
      await admin.end();
    }
  };
  const newPool = (): Pool => {
    const url = new URL(testServerUrl());
    url.pathname = `/${database}`;
    const made = new Pool({ connectionString: url.href, max: 3 });
    made.on('error', () => undefined);
    return made;
  };
  const file = (name: string, sql: string): Promise<void> => writeFile(join(folder, name), sql);
  const applied = async (): Promise<string[]> => {
    const { rows } = await pool.query<{ name: string }>(
      'SELECT name FROM schema_migrations ORDER BY applied_at, name',
    );
    return rows.map(({ name }) => name);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    await asAdmin(`CREATE DATABASE ${database}`);
    pool = newPool();
  });
  afterEach(async () => {
    await pool.end();
    await asAdmin(`DROP DATABASE ${database} WITH (FORCE)`);
    await rm(folder, { recursive: true });
  });

  it('run the shared parts first, then the service’s own files in the order of their names', async () => {
    await file('002-second.sql', 'INSERT INTO things VALUES (2)');
    await file('001-first.sql', 'CREATE TABLE things (n int); INSERT INTO things VALUES (1)');
    await file('notes.txt', 'this is no SQL');
    await migrate(pool, ['inbox', 'idempotency'], folder);
    expect(await applied()).toEqual([
      'shared/inbox',
      'shared/idempotency',
      '001-first.sql',
      '002-second.sql',
    ]);
    expect((await pool.query('SELECT n FROM things')).rows).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('run once each', async () => {
    await file('001.sql', 'CREATE TABLE things (n int); INSERT INTO things VALUES (1)');
    await migrate(pool, ['inbox'], folder);
    await migrate(pool, ['inbox'], folder);
    await file('002.sql', 'INSERT INTO things VALUES (2)');
    await migrate(pool, ['inbox'], folder);
    expect((await pool.query('SELECT n FROM things')).rows).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('make every shared schema', async () => {
    await migrate(pool, ['event-store', 'outbox', 'inbox', 'idempotency', 'sagas'], folder);
    const { rows } = await pool.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'dead_letters',
        'events',
        'idempotency_keys',
        'inbox',
        'outbox',
        'saga_history',
        'sagas',
      ]),
    );
  });

  it('need no folder of the service’s own', async () => {
    await migrate(pool, ['inbox'], join(folder, 'missing'));
    expect(await applied()).toEqual(['shared/inbox']);
  });

  it('refuse a file that was changed after it ran', async () => {
    await file('001.sql', 'CREATE TABLE things (n int)');
    await migrate(pool, [], folder);
    await file('001.sql', 'CREATE TABLE things (n bigint)');
    await expect(migrate(pool, [], folder)).rejects.toThrow(/001\.sql was changed after it had run/);
  });

  it('take a file with other line ends for the same', async () => {
    await file('001.sql', 'CREATE TABLE things (\n  n int\n)');
    await migrate(pool, [], folder);
    await file('001.sql', 'CREATE TABLE things (\r\n  n int\r\n)');
    await migrate(pool, [], folder);
    expect(await applied()).toEqual(['001.sql']);
  });

  it('keep nothing of a file that fails, say which it was, and run it when it is right', async () => {
    await file('001.sql', 'CREATE TABLE things (n int)');
    await file('002.sql', 'INSERT INTO things VALUES (1); INSERT INTO nothing VALUES (1)');
    await expect(migrate(pool, [], folder)).rejects.toThrow(/Migration 002\.sql failed: .*nothing/);
    expect(await applied()).toEqual(['001.sql']);
    expect((await pool.query('SELECT n FROM things')).rows).toEqual([]);
    await file('002.sql', 'INSERT INTO things VALUES (1)');
    await migrate(pool, [], folder);
    expect((await pool.query('SELECT n FROM things')).rows).toEqual([{ n: 1 }]);
  });

  it('run once when replicas start together', async () => {
    await file('001.sql', 'CREATE TABLE things (n int); INSERT INTO things VALUES (1)');
    const replicas = [newPool(), newPool(), newPool()];
    try {
      await Promise.all(
        replicas.map((replica) => migrate(replica, ['event-store', 'outbox', 'inbox'], folder)),
      );
    } finally {
      await Promise.all(replicas.map((replica) => replica.end()));
    }
    expect((await pool.query('SELECT n FROM things')).rows).toEqual([{ n: 1 }]);
  });

  it('say that the database went away, instead of ending the process', async () => {
    // Its file waits for a lock that somebody else has and does not give back.
    const holder = await pool.connect();
    await holder.query('SELECT pg_advisory_lock(1)');
    await file('001.sql', 'SELECT pg_advisory_lock(1)');
    const running = migrate(pool, [], folder).then(
      () => undefined,
      (error: unknown) => error,
    );
    await eventually(async () => {
      const { rowCount } = await holder.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      expect(rowCount).toBe(1);
    });
    holder.release();
    expect(isUnavailable(await running)).toBe(true);
  });
});
