import { join } from 'node:path';
import { Pool } from 'pg';
import { migrate, postgresDeadLetters } from '@ftgo/shared-ts/postgres';
import { Fleet } from '../../src/fleet/fleet';
import { freePort } from '../../src/fleet/ports';
import { processes } from '../../src/fleet/processes';
import { removePostgresData } from '../../src/infrastructure/postgres';
import { temporaryFolder } from '../temporary-folder';
import { run } from './kitchen';

// Out here, so that it is removed after the fleet was stopped.
const folder = temporaryFolder();

describe('npm run dead-letters beside a fleet', () => {
  const dataDir = join(folder, 'fleet');
  const services = processes.filter(({ kind }) => kind === 'service');
  const fleet = new Fleet({ dataDir, ports: 'free', processes: [] });

  beforeAll(async () => {
    await fleet.start();
    await Promise.all(
      services.map(async ({ id, database }) => {
        const pool = new Pool({ connectionString: fleet.databaseUrl(database), max: 1 });
        await migrate(pool, ['inbox'], join(__dirname, 'no-migrations'));
        await postgresDeadLetters(pool).add({
          consumer: id,
          messageId: `message of ${id}`,
          subject: 'ftgo.test',
          headers: {},
          payload: Buffer.from('{}'),
          error: 'boom',
          attempts: 5,
          streamSequence: 1,
        });
        await pool.end();
      }),
    );
  });

  afterAll(async () => {
    await fleet.stop();
    removePostgresData(join(dataDir, 'postgres'));
  });

  it('finds the dead letters of every service by the data folder', async () => {
    const { code, out } = await run(['list', '--data-dir', dataDir], {});
    expect(code).toBe(0);
    const listed = out
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ', 1)[0] ?? '');
    expect(listed.sort()).toEqual(services.map(({ id }) => id).sort());
  });

  it('finds the data folder by FTGO_DATA, too', async () => {
    const { out } = await run(['show', 'message of kitchen-service'], { FTGO_DATA: dataDir });
    expect(out).toContain('service    kitchen-service');
  });

  it.each<Record<string, string>>([{ FTGO_DATA: dataDir }, { PG_CONN: 'postgres://elsewhere/x' }])(
    'does not overlook a data folder that npm has kept for itself, with %o',
    async (environ) => {
      const { code, errors } = await run(['list'], { ...environ, npm_config_data_dir: 'x' });
      expect({ code, errors }).toEqual({
        code: 1,
        errors: [expect.stringContaining('write "--" before the options')],
      });
    },
  );

  it('takes a data folder that is named before the environment', async () => {
    const { out } = await run(['list', '--data-dir', dataDir, '--service', 'order'], {
      PG_CONN: 'postgres://elsewhere/x',
    });
    expect(out).toContain('message of order-service');
    expect(out).not.toContain('kitchen-service');
  });

  it('replays to the fleet’s broker', async () => {
    const { code, out } = await run(['replay', 'message of consumer-service', '--data-dir', dataDir], {});
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('1 of 1 replayed') });
    const { out: left } = await run(['list', '--data-dir', dataDir, '--service', 'consumer'], {});
    expect(left).toBe('There are no dead letters of consumer-service.');
  });

  it('names the services when it is asked for one that there is not', async () => {
    const { code, errors } = await run(['list', '--data-dir', dataDir, '--service', 'cellar'], {});
    expect({ code, errors }).toEqual({
      code: 1,
      errors: [expect.stringMatching(/^there is no cellar-service; there are accounting-service, /)],
    });
  });

  it('says so when the data folder has never been a fleet’s', async () => {
    const { code, errors } = await run(['list', '--data-dir', join(dataDir, 'nowhere')], {});
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringMatching(/^no fleet has run with /)] });
  });

  it('says so when a database is not a service’s', async () => {
    const { code, errors } = await run(['list'], { PG_CONN: fleet.adminUrl });
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('has no dead letters')] });
  });

  it('says so, without the password, when a database can not be reached', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const { code, errors } = await run(['list'], { PG_CONN: `postgres://me:secret@${host}/kitchen` });
    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringContaining(`the database kitchen on ${host} can't be reached`)]);
    expect(errors[0]).not.toContain('secret');
  });

  it('names a variable that is wrong', async () => {
    const { code, errors } = await run(['list'], { PG_CONN: 'kitchen' });
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringMatching(/^PG_CONN must be /)] });
  });
});
