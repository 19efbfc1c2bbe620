import { causedByOrders, countsPerOrder, type Tally } from '../../scripts/src/bench/measure/counts';
import { FtgoClient } from '../../scripts/src/bench/load/ftgo-client';
import { LoadGenerator } from '../../scripts/src/bench/load/load-generator';
import { startSite, type Site } from '../../scripts/src/bench/site';

/** Enough to tell a statement an order from one that only the first order needs. */
const ORDERS = 40;

/**
 * What one order may cost when nothing else is under way. These are counts, the same on every machine. Whoever makes an
 * order cheaper lowers them, and whoever has to raise them says why.
 */
const budget = {
  messages: 13,
  /** By database. BEGIN and COMMIT are statements too, and what a relay would ask. */
  databases: {
    ordering: { commits: 8, statements: 46 },
    kitchen: { commits: 2, statements: 12 },
    order_history: { commits: 2, statements: 8 },
    consumer: { commits: 1, statements: 5 },
    accounting: { commits: 1, statements: 7 },
    delivery: { commits: 1, statements: 4 },
  },
};

/** A budget that is far above the truth guards nothing. */
const SLACK = 0.9;

const hundredths = (value: number): number => Math.round(value * 100) / 100;

describe('what an order costs', () => {
  let site: Site;
  let client: FtgoClient;
  let tally: Tally;

  beforeAll(async () => {
    site = await startSite(() => undefined);
    client = await FtgoClient.connect(site.addresses);
    const load = new LoadGenerator(client);
    const placeOne = async () => {
      await load.sequence('order', 1, 0);
      // What goes on beside the approval must be over, or it would share transactions with the next order.
      await site.stream.untilQuiet();
    };
    await load.prepare(1, 1);
    for (let order = 0; order < 3; order += 1) await placeOne();
    await site.counter.start();
    for (let order = 0; order < ORDERS; order += 1) await placeOne();
    tally = await site.counter.stop();
  }, 600_000);

  afterAll(async () => {
    await client?.close();
    await site?.stop();
  });

  /** What a database did for one order. */
  const costIn = (database: string) => {
    const own = tally.statements.filter((each) => each.database === database);
    const { commits, statements } = countsPerOrder({ ...tally, statements: own });
    return { commits: hundredths(commits), statements: hundredths(statements) };
  };

  /** How often each statement ran for one order, for whoever has to find out which one is new. */
  const statementsIn = (database: string): string[] =>
    causedByOrders(tally.statements)
      .filter((each) => each.database === database)
      .map(({ query, calls }) => `${hundredths(calls / ORDERS)} times ${query.replaceAll(/\s+/g, ' ')}`);

  it('is counted for as many orders as were placed', () => {
    expect(tally.orders).toBe(ORDERS);
  });

  it('is this many messages, exactly', () => {
    expect(tally.messages / ORDERS).toBe(budget.messages);
  });

  it.each(Object.entries(budget.databases))(
    'is no more commits and statements in the database %s than it was',
    (database, allowed) => {
      const found = costIn(database);
      const kept = (['commits', 'statements'] as const).every(
        (what) => found[what] <= allowed[what] && found[what] >= SLACK * allowed[what],
      );
      expect(kept ? 'kept' : { found, allowed, statements: statementsIn(database) }).toEqual('kept');
    },
  );

  it('is no statement in any other database', () => {
    const databases = new Set(causedByOrders(tally.statements).map(({ database }) => database));
    expect([...databases].filter((database) => !(database in budget.databases))).toEqual([]);
  });
});
