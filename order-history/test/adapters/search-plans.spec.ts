import { join } from 'node:path';
import { newId } from '@ftgo/shared-ts';
import { freshDatabase, type TestDatabase } from '@ftgo/shared-ts/testing';
import { searchStatement } from '../../src/adapters/postgres-order-search';
import type { Search } from '../../src/domain/search';

/** Shape of what EXPLAIN (FORMAT JSON) gives. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];

describe('a search among 200,000 orders', () => {
  const consumerId = newId();
  let database: TestDatabase;

  beforeAll(async () => {
    database = await freshDatabase({ shared: ['inbox'], folder: join(__dirname, '../../migrations') });
    await database.pool.query(
      `INSERT INTO orders (id, consumer_id, restaurant_id, restaurant_name, created_at, keywords, status, status_version, total, total_version)
       SELECT gen_random_uuid(), CASE WHEN n % 1000 = 0 THEN $1 ELSE gen_random_uuid() END, gen_random_uuid(), 'Ajanta',
              timestamptz '2030-01-01' + n * interval '1 minute',
              ARRAY['ajanta', 'dish' || n % 5000, CASE WHEN n % 2 = 0 THEN 'even' ELSE 'odd' END], 'Approved', 2, 1000, 1
       FROM generate_series(1, 200000) AS n`,
      [consumerId],
    );
    await database.pool.query('VACUUM ANALYZE orders');
  });
  afterAll(() => database.drop());

  const indexesFor = async (some: Partial<Search>): Promise<(string | undefined)[]> => {
    const { statement, values } = searchStatement({ keywords: [], limit: 21, ...some });
    const { rows } = await database.pool.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${statement.text}`,
      values,
    );
    const nodes = rows[0]?.['QUERY PLAN'].flatMap(({ Plan }) => flat(Plan)) ?? [];
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    return nodes.map((node) => node['Index Name']).filter((name) => name?.startsWith('orders_'));
  };

  const after = { createdAt: '2030-03-01T00:00:00.000Z', orderId: newId() };

  it.each<[string, Partial<Search>, string]>([
    ['all', {}, 'orders_newest'],
    ['all of a later page', { after }, 'orders_newest'],
    ["a consumer's", { consumerId }, 'orders_newest_of_consumer'],
    ["a consumer's of a later page", { consumerId, after }, 'orders_newest_of_consumer'],
    [
      "a consumer's in a status since a time",
      { consumerId, status: 'Approved', since: after.createdAt },
      'orders_newest_of_consumer',
    ],
    ["a consumer's with a word", { consumerId, keywords: ['even'] }, 'orders_newest_of_consumer'],
    ['those with a rare word', { keywords: ['dish17'] }, 'orders_keywords'],
    ['those with a word that no order has', { keywords: ['sushi'] }, 'orders_keywords'],
    ['those with a frequent word', { keywords: ['even'] }, 'orders_newest'],
  ])('for %s reads no more than an index leads to', async (_what, search, index) => {
    expect(await indexesFor(search)).toEqual([index]);
  });
});
