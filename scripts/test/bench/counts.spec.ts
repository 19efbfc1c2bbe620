import { causedByOrders, countsPerOrder, type StatementCalls } from '../../src/bench/measure/counts';

const statement = (query: string, calls: number, rows = 0, database = 'ordering'): StatementCalls => ({
  database,
  query,
  calls,
  rows,
});

const sweep =
  'SELECT saga_id FROM sagas\n WHERE state IN ($3 /*, ... */) AND deadline < $1 ORDER BY deadline LIMIT $2 FOR UPDATE';
const tallyOf = (statements: StatementCalls[]) => ({ statements, orders: 10, messages: 130, walBytes: 5000 });

describe('what an order costs', () => {
  const work = [
    statement('BEGIN', 20),
    statement('INSERT INTO events SELECT * FROM unnest($1)', 20, 40),
    statement('SELECT aggregate_id FROM events', 10, 30),
    statement('COMMIT', 20),
  ];

  it('is what was counted, divided by the orders', () => {
    expect(countsPerOrder(tallyOf(work))).toEqual({
      statements: 7,
      commits: 2,
      rows: 4,
      messages: 13,
      walBytes: 500,
    });
  });

  it('does not include the counts of sagas under way, nor their transactions', () => {
    const look =
      "SELECT (SELECT count(*) FROM sagas WHERE state IN ('RUNNING')) +\n (SELECT 1 FROM events) AS newest";
    const counted = [
      statement('BEGIN', 25),
      statement('COMMIT', 25),
      statement(look, 5),
      ...work.filter(({ query }) => !/BEGIN|COMMIT/.test(query)),
    ];
    expect(countsPerOrder(tallyOf(counted))).toEqual(countsPerOrder(tallyOf(work)));
  });

  it('does not include the sweeps for overdue sagas, nor their transactions', () => {
    const swept = [
      statement('BEGIN', 25),
      statement('COMMIT', 25),
      statement(sweep, 5),
      ...work.filter(({ query }) => !/BEGIN|COMMIT/.test(query)),
    ];
    expect(countsPerOrder(tallyOf(swept))).toEqual(countsPerOrder(tallyOf(work)));
  });

  it("takes a database's sweeps from its own transactions only", () => {
    const elsewhere = [statement('COMMIT', 20, 0, 'kitchen'), statement('COMMIT', 25), statement(sweep, 5)];
    expect(causedByOrders(elsewhere).map(({ database, calls }) => [database, calls])).toEqual([
      ['kitchen', 20],
      ['ordering', 20],
    ]);
  });

  it.each([
    'INSERT INTO relay_checkpoint (relay, published_below) VALUES ($1, $2)',
    'SELECT s.*, current_database() AS current FROM pg_replication_slots s',
    'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS below, pg_current_wal_insert_lsn()::text AS lsn',
  ])('does not include what runs by the clock: %s', (query) => {
    expect(countsPerOrder(tallyOf([...work, statement(query, 7, 7)]))).toEqual(countsPerOrder(tallyOf(work)));
  });
});
