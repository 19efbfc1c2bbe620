import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../../src/fleet/ports';
import { segmentsFor } from '../../src/infrastructure/postgres-log';
import { removePostgresData, startPostgres, type PostgresServer } from '../../src/infrastructure/postgres';
import { temporaryFolder } from '../temporary-folder';

const MADE = ['2', '3', '4'].map((number) => `00000001000000000000000${number}`);

describe('a log whose segments are made in advance', () => {
  const folder = temporaryFolder(async () => {
    await server?.stop();
    removePostgresData(dataDir);
  });
  const dataDir = join(folder, 'postgres');
  let server: PostgresServer | undefined;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
  });

  const start = async () =>
    (server = await startPostgres({ dataDir, port, password: 'x', logSegments: MADE.length }));

  async function ask(sql: string): Promise<unknown> {
    const client = new Client({ connectionString: server?.url });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return Object.values(rows[0] ?? {})[0];
    } finally {
      await client.end();
    }
  }

  /** Writes 16 MB, and goes on in the next segment. */
  const fillSegment = () =>
    ask(
      `SELECT pg_logical_emit_message(true, 'filler', repeat('x', 1048576), true) FROM generate_series(1, 16)`,
    );

  const logFile = () => ask('SELECT pg_walfile_name(pg_current_wal_lsn())');

  it('has them, writes into them, and is read again from them after a kill -9', async () => {
    const { kill, exited } = await start();
    const walFolder = join(String(await ask('SHOW data_directory')), 'pg_wal');
    const segments = () => MADE.map((name) => statSync(join(walFolder, name)).ino);
    const made = segments();
    await ask('CHECKPOINT');
    for (let count = 0; count < MADE.length; count++) {
      await fillSegment();
      await ask(`CREATE TABLE written_${count} AS SELECT ${count} AS number`);
    }
    expect(await logFile()).toBe('000000010000000000000004');
    expect(segments()).toEqual(made);
    kill();
    await exited;

    await start();
    expect(
      await ask(
        'SELECT array_agg(number) FROM (TABLE written_0 UNION TABLE written_1 UNION TABLE written_2) _',
      ),
    ).toEqual(expect.arrayContaining([0, 1, 2]));
    // Beyond them the server goes on by itself.
    await fillSegment();
    expect(await logFile()).toBe('000000010000000000000005');
  });

  it('leaves three quarters of a small disk free', () => {
    const gigabyte = 1024 ** 3;
    expect(segmentsFor(32, 100 * gigabyte)).toBe(32);
    expect(segmentsFor(32, gigabyte)).toBe(16);
    expect(segmentsFor(32, 63 * 1024 ** 2)).toBe(0);
  });
});
