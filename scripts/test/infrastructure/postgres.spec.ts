import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../../src/fleet/ports';
import type { PostgresServer } from '../../src/infrastructure/postgres';
import { removePostgresData, startPostgres } from '../../src/infrastructure/postgres';
import { initialiseData } from '../../src/infrastructure/postgres-data';
import { socketFolder } from '../../src/infrastructure/postgres-socket';
import { processIdentity } from '../../src/infrastructure/process-identity';
import { temporaryFolder } from '../temporary-folder';

jest.setTimeout(120_000);

async function ask<T>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, T>>(sql)).rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
}

const withWrongPassword = (url: string): string => url.replace('open%20sesame', 'wrong');

describe('the embedded PostgreSQL', () => {
  const folder = temporaryFolder(async () => removePostgresData(dataDir));
  const dataDir = join(folder, 'postgres');
  const logFile = join(folder, 'postgres.log');
  let port: number;
  let server: PostgresServer | undefined;
  const start = async () =>
    (server = await startPostgres({ dataDir, port, password: 'open sesame', logFile }));

  beforeAll(async () => {
    port = await freePort();
  });

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('makes a cluster, keeps what was written, and is gone after stop', async () => {
    const { url, pid, stop } = await start();
    await ask(url, 'CREATE TABLE kept (word text)');
    await ask(url, `INSERT INTO kept VALUES ('Füße')`);
    await stop();
    expect(processIdentity(pid)).toBeUndefined();

    const again = await start();
    expect(await ask(again.url, 'SELECT word || upper(word) FROM kept')).toEqual(['FüßeFÜßE']);
  });

  it('says what initdb said when it can not make a cluster, and leaves nothing of it', async () => {
    // Node refuses what initdb is told.
    const binaries = { initdb: process.execPath, postgres: '', pgCtl: '' };
    await expect(initialiseData(join(folder, 'failing'), binaries, undefined, 'secret', 1)).rejects.toThrow(
      /^initdb could not make the PostgreSQL data folder .*bad option: --pgdata/s,
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('failing'))).toEqual([]);
  });

  it('is set up for replication, for never losing a commit and for not keeping log without end', async () => {
    const { url } = await start();
    const expected = {
      wal_level: 'logical',
      fsync: 'on',
      synchronous_commit: 'on',
      listen_addresses: '127.0.0.1',
      max_connections: '200',
      max_slot_wal_keep_size: '8GB',
    };
    const settings = Object.keys(expected).map((name) => `current_setting('${name}') AS ${name}`);
    expect(await ask(url, `SELECT ${settings.join(', ')}`)).toEqual(Object.values(expected));
  });

  it('lets nobody in without the password', async () => {
    const { url } = await start();
    await expect(ask(withWrongPassword(url), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  (process.platform === 'win32' ? describe.skip : describe)('at its Unix socket', () => {
    const bySocket = (url: string) =>
      url.replace('127.0.0.1', encodeURIComponent(socketFolder(dataDir, port) ?? 'none'));

    it('answers, too', async () => {
      const { url } = await start();
      expect(await ask(bySocket(url), 'SELECT inet_client_addr()')).toEqual([null]);
    });

    it('lets nobody in without the password either', async () => {
      const { url } = await start();
      await expect(ask(bySocket(withWrongPassword(url)), 'SELECT 1')).rejects.toMatchObject({
        code: '28P01',
      });
    });
  });

  it.each(['too-long-for-a-socket'.repeat(5), 'with, a comma'])('does without a socket in %s', (name) => {
    expect(socketFolder(join('/tmp', name, 'postgres'), port)).toBeUndefined();
  });

  it('comes back after a kill -9 with all that was committed', async () => {
    const killed = await start();
    await ask(killed.url, 'CREATE TABLE survives AS SELECT 42 AS answer');
    killed.kill();
    expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });

    const again = await start();
    expect(await ask(again.url, 'SELECT answer FROM survives')).toEqual([42]);
  });

  it('comes back although the pid of the killed server belongs to another program by now', async () => {
    const killed = await start();
    const lock = lockFileOf(await ask<string>(killed.url, 'SHOW data_directory'));
    killed.kill();
    await killed.exited;
    const another = programOf(statSync(dirname(lock)).uid);
    for (const file of [lock, join(dirname(lock), `.s.PGSQL.${port}.lock`)]) {
      const lines = readFileSync(file, 'utf8').split('\n');
      writeFileSync(file, [String(another.pid), ...lines.slice(1)].join('\n'));
    }

    try {
      const again = await start();
      expect(await ask(again.url, 'SELECT 1')).toEqual([1]);
    } finally {
      another.kill('SIGKILL');
    }
  });

  it('shuts a server down that has lost its launcher, and takes its place', async () => {
    const orphan = await start();
    const again = await start();
    expect(processIdentity(orphan.pid)).toBeUndefined();
    expect(await ask(again.url, 'SELECT 1')).toEqual([1]);
  });

  it('says what is wrong when it cannot start', async () => {
    const { url } = await start();
    await ask(url, 'SELECT 1');
    const second = startPostgres({
      dataDir: join(folder, 'second'),
      port,
      password: 'x',
      logFile: `${logFile}.2`,
    });
    await expect(second).rejects.toThrow(/PostgreSQL ended with exit code 1.*could not bind/s);
    expect(statSync(`${logFile}.2`).size).toBeGreaterThan(0);
    removePostgresData(join(folder, 'second'));
  });

  it('leaves no password file behind', () => {
    expect(existsSync(`${dataDir}.password`)).toBe(false);
  });
});

/** PostgreSQL fears for a lock only when it may send signals to its holder, that is to say one of the same user. */
function programOf(uid: number): ChildProcess {
  return spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
    uid,
    stdio: 'ignore',
    cwd: '/',
  });
}

function lockFileOf([data]: string[]): string {
  return join(data ?? '', 'postmaster.pid');
}
