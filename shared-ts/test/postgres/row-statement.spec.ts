import type { PoolClient } from 'pg';
import { column } from '../../src/postgres/arrays';
import { rowStatement } from '../../src/postgres/row-statement';
import { PostgresSession } from '../../src/postgres/session';
import { freshDatabase, type TestDatabase } from '../../src/testing';
import { sharedSchema } from '../unit-of-work/test-ports';

interface Dish {
  readonly id: string;
  readonly name?: string;
  readonly tags: unknown;
  readonly grams: number;
  readonly price?: number;
  readonly spicy?: boolean;
  readonly since?: Date;
}

const add = rowStatement<Dish>(
  'dishes-add',
  (rows) => `INSERT INTO dishes AS known (id, name, tags, grams, price, spicy, since) ${rows}
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, grams = known.grams + excluded.grams`,
  column.uuid(({ id }) => id),
  column.text(({ name }) => name),
  column.json(({ tags }) => JSON.stringify(tags)),
  column.integer(({ grams }) => grams),
  column.bigint(({ price }) => price),
  column.boolean(({ spicy }) => spicy),
  column.timestamp(({ since }) => since),
);

const idOf = (index: number): string => `0199a3c4-5e6f-7a8b-9c0d-e1f2a3b4c5d${index}`;
const FULL: Dish = {
  id: idOf(0),
  name: "brûlée, 'burnt'",
  tags: { sweet: ['é', null] },
  grams: -5,
  price: 2 ** 40,
  spicy: false,
  since: new Date('2026-01-02T03:04:05.678Z'),
};
const BARE: Dish = { id: idOf(1), tags: null, grams: 0 };
const dishes = (count: number): Dish[] =>
  [FULL, BARE, { ...BARE, id: idOf(2), name: '' }, { ...FULL, id: idOf(3) }].slice(0, count);

describe('a statement that writes rows', () => {
  let database: TestDatabase;
  let client: PoolClient;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
    client = await database.pool.connect();
    await client.query(
      `CREATE TABLE dishes (id uuid PRIMARY KEY, name text, tags json, grams integer, price bigint, spicy boolean, since timestamptz)`,
    );
  });
  beforeEach(async () => {
    // In case the test before has left a transaction open.
    await client.query('ROLLBACK');
    await client.query('TRUNCATE dishes');
  });
  afterAll(async () => {
    client.release();
    await database.drop();
  });

  const write = async (rows: readonly Dish[]): Promise<void> => {
    const session = new PostgresSession(client);
    session.begin();
    await Promise.all([session.query(...add(rows)), session.commit()]);
  };
  const read = async (): Promise<unknown[]> => (await client.query('SELECT * FROM dishes ORDER BY id')).rows;
  const asRead = ({ id, name, tags, grams, price, spicy, since }: Dish): unknown => ({
    id,
    name: name ?? null,
    tags,
    grams,
    // The driver gives large integers as text.
    price: price === undefined ? null : String(price),
    spicy: spicy ?? null,
    since: since ?? null,
  });

  it.each([1, 2, 3, 4])(
    'writes %d of them, each value in its type, and what is missing as NULL',
    async (count) => {
      await write(dishes(count));
      expect(await read()).toEqual(dishes(count).map(asRead));
    },
  );

  it.each([1, 2, 3])('writes %d of them where some are there already', async (count) => {
    await write([FULL]);
    await write(dishes(count).map((dish) => ({ ...dish, grams: 7 })));
    expect(await read()).toEqual(
      dishes(count).map((dish, index) => asRead({ ...dish, grams: index === 0 ? 2 : 7 })),
    );
  });

  it.each([1, 2, 3])('is refused with %d of them if one has no value of its type', async (count) => {
    const rows = [...dishes(count - 1), { ...BARE, id: 'item' }];
    await expect(write(rows)).rejects.toThrow('is no UUID');
    expect(await read()).toEqual([]);
  });

  it('is another one for one row, for two and for many', () => {
    const names = [1, 2, 3, 4].map((count) => add(dishes(count))[0].name);
    expect(names).toEqual(['dishes-add-1', 'dishes-add-2', 'dishes-add', 'dishes-add']);
  });
});
