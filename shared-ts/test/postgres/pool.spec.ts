import type { Pool } from 'pg';
import pino from 'pino';
import { newId } from '../../src/ids';
import { createPool } from '../../src/postgres';
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
});
