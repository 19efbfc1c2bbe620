import type { Pool } from 'pg';
import { column, columns, texts, uuids } from '../../src/postgres/arrays';
import { freshDatabase, type TestDatabase } from '../../src/testing';
import { sharedSchema } from '../unit-of-work/test-ports';

const ID = '0199a3c4-5e6f-7a8b-9c0d-e1f2a3b4c5d6';

type Maybe<T> = T | null | undefined;
const jsons = (values: Maybe<string>[]) => column.json(own<string>).array(values);
const integers = (values: Maybe<number>[]) => column.integer(own<number>).array(values);
const bigints = (values: Maybe<number>[]) => column.bigint(own<number>).array(values);
const booleans = (values: Maybe<boolean>[]) => column.boolean(own<boolean>).array(values);
const timestamps = (values: Maybe<Date>[]) => column.timestamp(own<Date>).array(values);
const own = <T>(value: Maybe<T>): Maybe<T> => value;

describe('arrays as PostgreSQL reads them', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
    pool = database.pool;
  });
  afterAll(() => database.drop());

  const read = async (type: string, array: { toPostgres(): Buffer }): Promise<unknown> => {
    const { rows } = await pool.query<{ value: unknown }>(`SELECT $1::${type} AS value`, [array]);
    return rows[0]?.value;
  };

  it('hold texts of any length and script', async () => {
    const values = ['', 'NULL', '"', '\\', '{a,b}', ' ', 'brûlée', 'crème 🍮', 'x'.repeat(100_000), null];
    expect(await read('text[]', texts(values))).toEqual(values);
  });

  it('hold JSON as it was written', async () => {
    expect(await read('text[]', texts(['{"a": "\\"b\\""}']))).toEqual(['{"a": "\\"b\\""}']);
    expect(await read('json[]', jsons(['{"a": "\\"b\\""}', null]))).toEqual([{ a: '"b"' }, null]);
  });

  it('hold UUIDs, whether in small letters or in capitals', async () => {
    expect(await read('uuid[]', uuids([ID, undefined, ID.toUpperCase()]))).toEqual([ID, null, ID]);
  });

  it('hold integers', async () => {
    const values = [0, -1, 2 ** 31 - 1, -(2 ** 31), null];
    expect(await read('integer[]', integers(values))).toEqual(values);
  });

  it('hold large integers, which the driver gives as text', async () => {
    const values = [0, -1, Number.MAX_SAFE_INTEGER, null];
    const texts = ['0', '-1', '9007199254740991', null];
    expect(await read('bigint[]', bigints(values))).toEqual(texts);
  });

  it('hold what is true and what is false', async () => {
    expect(await read('boolean[]', booleans([true, false, null]))).toEqual([true, false, null]);
  });

  it.each([
    '2026-01-02T03:04:05.678Z',
    '1970-01-01T00:00:00.000Z',
    '0001-01-01T00:00:00.000Z',
    '+012345-01-01T00:00:00.000Z',
  ])('hold the time %s', async (time) => {
    expect(await read('timestamptz[]', timestamps([new Date(time), null]))).toEqual([new Date(time), null]);
  });

  it('may be empty', async () => {
    for (const [type, array] of [
      ['text[]', texts([])],
      ['uuid[]', uuids([])],
      ['timestamptz[]', timestamps([])],
    ] as const)
      expect(await read(type, array)).toEqual([]);
  });

  it.each(['', 'item1', ID.slice(1), `${ID}0`, `${ID.slice(1)}g`, 'ß'.repeat(32)])(
    'take %j for no UUID',
    (text) => {
      expect(() => uuids([text]).toPostgres()).toThrow(TypeError);
    },
  );

  it('take no number that four bytes do not hold, and no invalid date', () => {
    expect(() => integers([2 ** 31]).toPostgres()).toThrow('out of range');
    expect(() => timestamps([new Date(Number.NaN)]).toPostgres()).toThrow('invalid date');
  });

  it('are made of rows, one a column', async () => {
    const parameters = columns<{ id: number; name?: string }>(
      column.integer(({ id }) => id),
      column.text(({ name }) => name),
    )([{ id: 1, name: 'curry' }, { id: 2 }]);
    const text = 'SELECT * FROM unnest($1::int[], $2::text[]) AS dish (id, name)';
    const { rows } = await pool.query(text, parameters);
    expect(rows).toEqual([
      { id: 1, name: 'curry' },
      { id: 2, name: null },
    ]);
  });
});
