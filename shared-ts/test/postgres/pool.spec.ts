import { Client, type Pool } from 'pg';
import pino from 'pino';
import { newId } from '../../src/ids';
import { createPool, isUnavailable, PostgresSession } from '../../src/postgres';
import { freshDatabase, type TestDatabase } from '../../src/testing';
import { sharedSchema } from '../unit-of-work/test-ports';

describe('a connection pool', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
    pool = createPool(
      { connectionString: database.url, max: 1, serviceId: 'test-service' },
      pino({ enabled: false }),
    );
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('plans a prepared statement once, and for a full table while it is still empty', async () => {
    const text = 'SELECT state FROM sagas WHERE saga_id = ANY($1::uuid[]) ORDER BY saga_id';
    await pool.query({ name: 'of-these', text, values: [[newId()]] });
    const { rows } = await pool.query<Record<'QUERY PLAN', string>>(
      `EXPLAIN EXECUTE "of-these" ('{${newId()}}')`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Cond: \(saga_id = ANY \(\$1\)\)/);
  });

  it('has the server give up a session whose process is frozen or gone', async () => {
    const settings = ['idle_in_transaction_session_timeout', 'tcp_keepalives_idle'];
    const { rows } = await pool.query<{ name: string; setting: string; source: string }>(
      'SELECT name, setting, source FROM pg_settings WHERE name = ANY($1) ORDER BY name',
      [settings],
    );
    // Over a Unix socket the keepalives are not in force; that is what their value says then.
    expect(rows).toMatchObject([
      { name: 'idle_in_transaction_session_timeout', setting: '30000', source: 'client' },
      { name: 'tcp_keepalives_idle', source: 'client' },
    ]);
  });

  it('has a connection that does not answer taken for lost, and replaced', async () => {
    const holder = new Client(database.url);
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock(1)');
    const client = await pool.connect();
    client.on('error', () => undefined);
    const session = new PostgresSession(client, 50);
    session.begin();
    const asked = session.query({ name: 'lock', text: 'SELECT pg_advisory_lock(1)' }, []);
    const error: unknown = await asked.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: 'the database does not answer' });
    expect(isUnavailable(error)).toBe(true);
    await expect(session.rollBack()).rejects.toThrow();
    client.release(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await holder.end();
  });
});
