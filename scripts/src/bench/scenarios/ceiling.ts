import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { CountsPerOrder } from '../measure/counts';
import { pumpMessages, type Amount } from '../measure/broker-pump';
import { findPgbench, runPgbench, type PgbenchRun, type WeightedScript } from '../measure/pgbench';
import { superuser } from '../../infrastructure/postgres-data';
import type { Bench, Outcome, Scenario } from '../scenario';
import type { LoadedSite } from '../site';
import { summarise } from '../statistics';
import { approvalRate, type LevelFigures } from './throughput';

const database = 'ceiling';
/** Connections that pgbench is tried with; the best counts. */
const clients = [8, 32, 64];
/** The broker is given the messages of so many orders, round and round. */
const sampleOrders = 100;
/** How often FTGO and both at once take turns: the machine's speed changes within minutes, so their ratio is taken side by side. */
const turns = 4;
/** A row of one page, less what PostgreSQL puts around it. */
const longestBody = 7_500;

/** How fast the machine does what orders need of PostgreSQL and of NATS, with no program of ours between. */
export interface CeilingFigures {
  /** At its top level, when that was measured. */
  readonly approvedPerSecond: number;
  readonly inFlight: number;
  /** At the same level again, by turns with both at once; undefined without pgbench. */
  readonly approvedByTurns: readonly number[] | undefined;
  readonly counts: CountsPerOrder;
  /** Undefined where pgbench is not installed. */
  readonly commitsPerSecond: number | undefined;
  readonly messagesPerSecond: number;
  /** Orders a second that this would be enough for. */
  readonly ordersByPostgres: number | undefined;
  readonly ordersByNats: number;
  /** The same when both do their part of the same orders at the same time; undefined without pgbench. */
  readonly ordersByBoth: readonly number[] | undefined;
  /** Throughput divided by the lower of those two that have the machine to themselves. */
  readonly shareOfLower: number;
  /** The mean of {@link approvedByTurns} divided by the mean of {@link ordersByBoth}. */
  readonly shareOfBoth: number | undefined;
}

/** What pgbench found. */
export interface PostgresCeiling {
  readonly commitsPerSecond: number;
  readonly ordersByBoth: readonly number[];
  readonly approvedByTurns: readonly number[];
}

/** Has NATS store orders' messages, for so long or so many; gives messages a second. */
type Pump = (amount: Amount) => Promise<number>;

/** The commits, rows and bytes of orders at the top level, straight at PostgreSQL; their messages, straight at NATS; both at once. */
export const ceiling: Scenario = async (bench) => {
  const top = await bench.top();
  const site = await bench.sharedSite();
  const last = await site.stream.lastSequence();
  const sample = await site.stream.messages(
    Math.max(0, last - Math.round(sampleOrders * top.counts.messages)),
    last,
  );
  const pump: Pump = (amount) => pumpMessages(site.stream.connection, sample, amount);
  bench.log('NATS');
  const messagesPerSecond = await pump({ seconds: stretchOf(bench) });
  const postgres = await postgresCeiling(bench, site, top, pump);
  return outcomeOf(ceilingFigures(top, messagesPerSecond, postgres));
};

/** How long each measurement takes, in seconds. */
const stretchOf = (bench: Bench): number => Math.max(1, Math.round(bench.extent.seconds / 3));

async function postgresCeiling(
  bench: Bench,
  site: LoadedSite,
  top: LevelFigures,
  pump: Pump,
): Promise<PostgresCeiling | undefined> {
  const executable = findPgbench();
  if (executable === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'ftgo-bench-ceiling-'));
  return bench.cleaningUp(
    () => rm(folder, { recursive: true, force: true }),
    () => measurePostgres(bench, site, top, { executable, folder, pump }),
  );
}

/** @param by where pgbench is, where its scripts may be, and what loads NATS */
async function measurePostgres(
  bench: Bench,
  site: LoadedSite,
  { counts, inFlight }: LevelFigures,
  { executable, folder, pump }: Pick<PgbenchRun, 'executable' | 'folder'> & { readonly pump: Pump },
): Promise<PostgresCeiling> {
  await site.counter.query(`DROP DATABASE IF EXISTS ${database}`);
  await site.counter.query(`CREATE DATABASE ${database}`);
  const databaseUrl = site.fleet.databaseUrl(database, superuser);
  const run = (scripts: readonly WeightedScript[], connections: number, amount: PgbenchRun['amount']) =>
    runPgbench({ executable, folder, databaseUrl, scripts, clients: connections, amount });
  try {
    await makeTable(databaseUrl);
    const bodyBytes = await calibrate(site, counts, (scripts) => run(scripts, 1, { seconds: 1 }));
    const scripts = transactions(counts, bodyBytes);
    let best = { commitsPerSecond: 0, connections: 1 };
    for (const connections of clients) {
      bench.log(`PostgreSQL, ${connections} connections, ${bodyBytes} bytes a row`);
      const commitsPerSecond = await run(scripts, connections, { seconds: stretchOf(bench) });
      if (commitsPerSecond > best.commitsPerSecond) best = { commitsPerSecond, connections };
    }
    const { commitsPerSecond, connections } = best;
    const perClient = Math.ceil((commitsPerSecond * stretchOf(bench)) / connections);
    const orders = (perClient * connections) / counts.commits;
    const approvedByTurns: number[] = [];
    const ordersByBoth: number[] = [];
    const measureFtgo = async () =>
      approvedByTurns.push(await approvalRate(site, bench.extent, inFlight, stretchOf(bench)));
    const measureBoth = async () => {
      const startedAt = performance.now();
      // What is first done leaves the machine to the other: the time is that in which all of these orders are done.
      await Promise.all([
        run(scripts, connections, { transactions: perClient }),
        pump({ messages: Math.round(orders * counts.messages) }),
      ]);
      ordersByBoth.push((1000 * orders) / (performance.now() - startedAt));
    };
    for (let turn = 1; turn <= turns; turn++) {
      bench.log(`FTGO and both at once, turn ${turn} of ${turns}`);
      // Each goes first as often as the other: else a machine that becomes slower would favour the one.
      for (const measure of turn % 2 === 1 ? [measureFtgo, measureBoth] : [measureBoth, measureFtgo])
        await measure();
    }
    return { commitsPerSecond, ordersByBoth, approvedByTurns };
  } finally {
    await site.counter.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }
}

/** Rows stay as long as they are told to be: nothing is compressed or moved out of the table. */
async function makeTable(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('CREATE TABLE written (id uuid PRIMARY KEY, body text STORAGE PLAIN NOT NULL)');
  } finally {
    await client.end();
  }
}

/** A commit of so many rows, in two sizes of which the mean is right. */
export function transactions(counts: CountsPerOrder, bodyBytes: number): WeightedScript[] {
  const rows = counts.rows / counts.commits;
  const fewer = Math.max(1, Math.floor(rows));
  const more = Math.round(100 * Math.max(0, rows - fewer));
  const script = (some: number) =>
    `INSERT INTO written SELECT gen_random_uuid(), repeat('x', ${bodyBytes}) FROM generate_series(1, ${some})`;
  return [
    { sql: script(fewer), weight: 100 - more },
    { sql: script(fewer + 1), weight: more },
  ].filter(({ weight }) => weight > 0);
}

/** How long a row must be for a commit to write as much log as one of the fleet's: measured with two lengths, and drawn on. */
async function calibrate(
  site: LoadedSite,
  counts: CountsPerOrder,
  run: (scripts: readonly WeightedScript[]) => Promise<number>,
): Promise<number> {
  const walOf = async (bodyBytes: number): Promise<number> => {
    // Whole pages go to the log at their first change after a checkpoint: that must not fall on one of the two.
    await site.counter.query('CHECKPOINT');
    const lsn = await walPosition(site);
    const commits = await run(transactions(counts, bodyBytes));
    return ((await walPosition(site)) - lsn) / commits;
  };
  const [short, long] = [100, 1_000];
  return bodyBytesFor(
    counts.walBytes / counts.commits,
    [short, await walOf(short)],
    [long, await walOf(long)],
  );
}

/** The length at which the line through two measurements (length of a row, log of a commit) has the wanted log. */
export function bodyBytesFor(
  wanted: number,
  [short, walOfShort]: readonly [number, number],
  [long, walOfLong]: readonly [number, number],
): number {
  const perByte = (walOfLong - walOfShort) / (long - short);
  const bytes = perByte > 0 ? short + (wanted - walOfShort) / perByte : long;
  return Math.round(Math.min(longestBody, Math.max(1, bytes)));
}

async function walPosition(site: LoadedSite): Promise<number> {
  const [row] = await site.counter.query<{ bytes: number }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS bytes`,
  );
  return row?.bytes ?? 0;
}

/** Throughput as a share of what the machine allows. */
export function ceilingFigures(
  { approvedPerSecond, inFlight, counts }: LevelFigures,
  messagesPerSecond: number,
  postgres: PostgresCeiling | undefined,
): CeilingFigures {
  const { commitsPerSecond, ordersByBoth, approvedByTurns } = postgres ?? {};
  const ordersByPostgres = commitsPerSecond === undefined ? undefined : commitsPerSecond / counts.commits;
  const ordersByNats = messagesPerSecond / counts.messages;
  return {
    approvedPerSecond,
    inFlight,
    approvedByTurns,
    counts,
    commitsPerSecond,
    messagesPerSecond,
    ordersByPostgres,
    ordersByNats,
    ordersByBoth,
    shareOfLower: approvedPerSecond / Math.min(ordersByPostgres ?? Infinity, ordersByNats),
    shareOfBoth: postgres && summarise(postgres.approvedByTurns).mean / summarise(postgres.ordersByBoth).mean,
  };
}

function outcomeOf(figures: CeilingFigures): Outcome {
  const { counts, commitsPerSecond, messagesPerSecond, ordersByPostgres, ordersByNats } = figures;
  const average = (turns: readonly number[] | undefined) => turns && summarise(turns).mean;
  const percent = (share: number | undefined) =>
    share === undefined ? undefined : `${(100 * share).toFixed(0)} %`;
  const table = {
    title: 'Ceiling: what the machine allows for the same commits, rows, bytes and messages',
    columns: ['what', 'per order', 'per second', 'orders/s', "FTGO's share"],
    rows: [
      ['PostgreSQL commits, by pgbench', counts.commits, commitsPerSecond, ordersByPostgres, undefined],
      ['NATS messages, acknowledged', counts.messages, messagesPerSecond, ordersByNats, undefined],
      [
        'the lower of these',
        undefined,
        undefined,
        Math.min(ordersByPostgres ?? Infinity, ordersByNats),
        percent(figures.shareOfLower),
      ],
      ['both at once', undefined, undefined, average(figures.ordersByBoth), percent(figures.shareOfBoth)],
      [`FTGO, ${figures.inFlight} in flight`, undefined, undefined, figures.approvedPerSecond, undefined],
      ['the same, by turns with both', undefined, undefined, average(figures.approvedByTurns), undefined],
    ],
    notes: [
      'The first two have the machine to themselves. An order needs both, so what the machine allows is both at once:',
      'the commits and the messages of the same orders, begun together, until the last is done. It is measured by turns',
      'with FTGO, since the speed of a machine that is shared changes within minutes.',
      'FTGO shares the machine between PostgreSQL, NATS, its twelve processes and the load.',
      ...(commitsPerSecond === undefined ? ['pgbench is not installed: PostgreSQL is left out.'] : []),
    ],
  };
  return { tables: [table], figures };
}
