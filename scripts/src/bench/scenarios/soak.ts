import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { databases } from '../../infrastructure/databases';
import type { Window } from '../load/load';
import { memoryBytes } from '../measure/process-usage';
import type { Outcome, Scenario } from '../scenario';
import type { LoadedSite } from '../site';
import { growth, slope, summarise, type Point, type Summary } from '../statistics';

const parties = 200;
const shareOfTop = 0.7;
/** The soak is looked at in so many equal parts. */
const parts = 10;
/** Memory is looked at so many times. */
const memorySamples = 300;

/** How the fleet does under the same load for a long time. */
export interface SoakFigures {
  readonly perSecond: number;
  readonly seconds: number;
  readonly failed: number;
  /** Reasons, the first few, each once. */
  readonly failures: readonly string[];
  /** Milliseconds, for each part. */
  readonly latencies: readonly Summary[];
  /** How much p50 and p95 grow, in milliseconds an hour. */
  readonly drift: { readonly p50: number; readonly p95: number };
  /**
   * Bytes by process: the lowest of each part of the second half, when caches are full. In between memory goes up and down with every collection of garbage.
   */
  readonly memoryFloor: Readonly<Record<string, readonly number[]>>;
  /** Bytes an hour by which the floor grows, by process; by least squares. */
  readonly memorySlope: Readonly<Record<string, number>>;
  /** Bytes by which tables with their indexes grew, by database. */
  readonly tableGrowth: Readonly<Record<string, number>>;
  readonly orders: number;
  /** Bytes of write-ahead log that were written, and by which the log's folder has grown. */
  readonly walWritten: number;
  readonly walKept: number;
}

/** What the databases take up. */
interface Sizes {
  readonly tables: ReadonlyMap<string, number>;
  readonly walPosition: number;
  readonly walKept: number;
}

/** A part of the soak. */
interface Part {
  readonly window: Window;
  /** At its end, in seconds since the beginning. */
  readonly at: number;
}

/** The memory of all processes at a time, in seconds since the beginning. */
interface MemorySample {
  readonly at: number;
  readonly bytes: ReadonlyMap<string, number>;
}

/** A steady rate of orders for minutes. */
export const soak: Scenario = async (bench) => {
  const perSecond = shareOfTop * (await bench.top()).approvedPerSecond;
  const site = await bench.sharedSite();
  await site.load.prepare(parties, parties);
  await site.load.begin('orders', { perSecond });
  await sleep(bench.extent.warmUpSeconds * 1000);
  const before = await sizesOf(site);
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const found: Part[] = [];
  const memory: MemorySample[] = [];
  const look = () => void memory.push({ at: elapsed(), bytes: memoryBytes(site.watched()) });
  const timer = setInterval(look, (bench.extent.soakSeconds * 1000) / memorySamples);
  for (let part = 1; part <= parts; part += 1) {
    const window = await site.load.window(bench.extent.soakSeconds / parts);
    found.push({ window, at: elapsed() });
    const { p50, p95 } = summarise(window.latencies.approval ?? []);
    bench.log(`${part} of ${parts}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
  }
  clearInterval(timer);
  const after = await sizesOf(site);
  await site.load.end();
  return outcomeOf(soakFigures(perSecond, found, memory, before, after));
};

/** The figures of a soak from its parts. */
export function soakFigures(
  perSecond: number,
  found: readonly Part[],
  memory: readonly MemorySample[],
  before: Sizes,
  after: Sizes,
): SoakFigures {
  const hours = ({ at }: { readonly at: number }) => at / 3600;
  const latencies = found.map(({ window }) => summarise(window.latencies.approval ?? []));
  const drift = (figure: 'p50' | 'p95') =>
    slope(found.map((part, index): Point => [hours(part), latencies[index]?.[figure] ?? 0]));
  const spans = found.map(({ at }, index) => ({ since: found[index - 1]?.at ?? 0, at }));
  const settled = spans.slice(Math.floor(spans.length / 2));
  const lowest = (name: string, since: number, until: number) =>
    Math.min(
      ...memory.filter(({ at }) => at > since && at <= until).map(({ bytes }) => bytes.get(name) ?? 0),
    );
  const floors = [...(memory.at(-1)?.bytes.keys() ?? [])].map((name) => {
    const floor = settled.map((span): Point => [hours(span), lowest(name, span.since, span.at)]);
    return { name, floor };
  });
  return {
    perSecond,
    seconds: found.at(-1)?.at ?? 0,
    failed: found.reduce((sum, { window }) => sum + window.failed, 0),
    failures: [...new Set(found.flatMap(({ window }) => window.failures))],
    latencies,
    drift: { p50: drift('p50'), p95: drift('p95') },
    memoryFloor: Object.fromEntries(floors.map(({ name, floor }) => [name, floor.map(([, bytes]) => bytes)])),
    memorySlope: Object.fromEntries(floors.map(({ name, floor }) => [name, slope(floor)])),
    tableGrowth: Object.fromEntries(growth(before.tables, after.tables)),
    orders: latencies.reduce((sum, { count }) => sum + count, 0),
    walWritten: after.walPosition - before.walPosition,
    walKept: after.walKept - before.walKept,
  };
}

async function sizesOf(site: LoadedSite): Promise<Sizes> {
  const tables = new Map<string, number>();
  for (const { database } of databases)
    tables.set(database, await tableBytes(site.fleet.databaseUrl(database)));
  const [wal] = await site.counter.query<{ position: number; kept: number }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS position,
            (SELECT sum(size)::float8 FROM pg_ls_waldir()) AS kept`,
  );
  return { tables, walPosition: wal?.position ?? 0, walKept: wal?.kept ?? 0 };
}

/** Tables with their indexes, without PostgreSQL's own. */
async function tableBytes(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ bytes: number }>(
      `SELECT sum(pg_total_relation_size(relid))::float8 AS bytes FROM pg_stat_user_tables`,
    );
    return rows[0]?.bytes ?? 0;
  } finally {
    await client.end();
  }
}

const megabytes = (bytes: number) => bytes / 1e6;

function outcomeOf(figures: SoakFigures): Outcome {
  const { perSecond, seconds, latencies, drift, memorySlope, tableGrowth, orders } = figures;
  const latency = {
    title: `Soak: ${perSecond.toFixed(0)} orders/s for ${seconds.toFixed(0)} s; milliseconds`,
    columns: ['part', 'orders', 'p50', 'p95', 'p99', 'max'],
    rows: latencies.map(({ count, p50, p95, p99, max }, index) => [
      `${index + 1} of ${latencies.length}`,
      count,
      p50,
      p95,
      p99,
      max,
    ]),
    notes: [
      `Drift: p50 ${drift.p50.toFixed(1)} ms an hour, p95 ${drift.p95.toFixed(1)} ms an hour; failed: ${figures.failed}`,
      ...figures.failures.map((failure) => `failed: ${failure}`),
    ],
  };
  const memory = {
    title: 'Soak: memory after garbage collection in the second half, MB',
    columns: ['process', 'at its beginning', 'at its end', 'MB an hour'],
    rows: Object.entries(figures.memoryFloor).map(([name, floor]) => [
      name,
      megabytes(floor[0] ?? 0),
      megabytes(floor.at(-1) ?? 0),
      megabytes(memorySlope[name] ?? 0),
    ]),
    notes: ['The lowest that was seen in each part; the growth is the line through them.'],
  };
  const data = {
    title: 'Soak: growth of data',
    columns: ['what', 'MB', 'kB an order'],
    rows: [
      ...Object.entries(tableGrowth).map(([name, bytes]) => [`tables of ${name}`, bytes] as const),
      ['log written', figures.walWritten] as const,
      ['log kept', figures.walKept] as const,
    ].map(([what, bytes]) => [what, megabytes(bytes), bytes / 1000 / orders]),
  };
  const tables = Object.keys(memorySlope).length > 0 ? [latency, memory, data] : [latency, data];
  return { tables, figures };
}
