import type { Pool } from 'pg';
import { toText } from '../../src/postgres/parameters';
import { freshDatabase, type TestDatabase } from '../../src/testing';
import { sharedSchema } from '../unit-of-work/test-ports';

describe('values as PostgreSQL reads them', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
    pool = database.pool;
  });
  afterAll(() => database.drop());

  const read = async (type: string, value: unknown): Promise<unknown> => {
    const { rows } = await pool.query<{ value: unknown }>(`SELECT $1::${type} AS value`, [toText(value)]);
    return rows[0]?.value;
  };

  it.each<[string, unknown]>([
    ['text', 'with "quotes", {braces}, \\ and \n'],
    ['text', ''],
    ['text', null],
    ['integer', -7],
    ['boolean', false],
    ['json', { a: [1, null, 'x'] }],
    ['timestamptz', new Date('2026-01-02T03:04:05.678Z')],
    ['timestamptz', new Date('0001-01-01T00:00:00.000Z')],
    ['timestamptz', new Date('+012345-01-01T00:00:00.000Z')],
  ])('%s %j comes back as it was', async (type, value) => {
    expect(await read(type, value)).toEqual(value);
  });

  it('knows the year 0 as the one before the first', async () => {
    const { rows } = await pool.query<{ epoch: number }>(
      'SELECT extract(epoch FROM $1::timestamptz)::float8 AS epoch',
      [toText(new Date('0000-06-01T00:00:00.000Z'))],
    );
    expect(rows[0]?.epoch).toBe(Date.parse('0000-06-01T00:00:00.000Z') / 1000);
  });

  it('refuses what is no date', () => {
    expect(() => toText(new Date(Number.NaN))).toThrow(RangeError);
  });
});
