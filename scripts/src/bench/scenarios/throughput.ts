import { setTimeout as sleep } from 'node:timers/promises';
import type { Extent } from '../command';
import type { Window } from '../load/load';
import { countsPerOrder, type CountsPerOrder, type Tally } from '../measure/counts';
import { cpuSeconds, PeakMemory } from '../measure/process-usage';
import type { Outcome, Scenario } from '../scenario';
import { loadGenerator, type LoadedSite } from '../site';
import { growth, summarise, type Summary } from '../statistics';
import type { Table } from '../table';

/** So many that hardly two orders in flight share one. */
const parties = 200;
/** What is counted is counted in a stretch of its own after the timed one, this part as long. */
const countingShare = 1 / 3;

/** Throughput with a number of orders in flight. */
export interface LevelFigures {
  readonly inFlight: number;
  readonly approvedPerSecond: number;
  /** Milliseconds. */
  readonly latency: Summary;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly counts: CountsPerOrder;
  /** Seconds in the timed stretch, by process; empty where that cannot be measured. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly cpuMsPerOrder: Readonly<Record<string, number>>;
  readonly peakMemoryBytes: Readonly<Record<string, number>>;
}

/** What was measured at one level. */
export interface LevelMeasurements {
  readonly inFlight: number;
  readonly timed: Window;
  readonly tally: Tally;
  readonly cpuBefore: ReadonlyMap<string, number>;
  readonly cpuAfter: ReadonlyMap<string, number>;
  readonly peakMemory: ReadonlyMap<string, number>;
}

/** A closed loop: so many orders in flight, each followed at once by the next. */
export const throughput: Scenario = async (bench) => {
  const site = await bench.sharedSite();
  const levels: LevelFigures[] = [];
  for (const inFlight of bench.extent.inFlight) {
    bench.log(`${inFlight} in flight for ${bench.extent.seconds} s`);
    levels.push(await measureLevel(site, bench.extent, inFlight));
  }
  bench.found(levels);
  return outcomeOf(levels);
};

/** How many orders a second are approved, over so many seconds after a warm-up. */
export async function approvalRate(
  site: LoadedSite,
  { warmUpSeconds }: Pick<Extent, 'warmUpSeconds'>,
  inFlight: number,
  seconds: number,
): Promise<number> {
  await beginOrders(site, warmUpSeconds, inFlight);
  const { latencies, seconds: taken } = await site.load.window(seconds);
  await site.load.end();
  return (latencies.approval ?? []).length / taken;
}

async function beginOrders(site: LoadedSite, warmUpSeconds: number, inFlight: number): Promise<void> {
  await site.load.prepare(parties, parties);
  await site.load.begin('orders', { inFlight });
  await sleep(warmUpSeconds * 1000);
}

/** Warms up, takes the time of a stretch, and counts in another one. */
export async function measureLevel(
  site: LoadedSite,
  extent: Extent,
  inFlight: number,
): Promise<LevelFigures> {
  await beginOrders(site, extent.warmUpSeconds, inFlight);
  const memory = new PeakMemory(() => site.watched());
  const cpuBefore = cpuSeconds(site.watched());
  const timed = await site.load.window(extent.seconds);
  const cpuAfter = cpuSeconds(site.watched());
  const peakMemory = memory.stop();
  await site.counter.start();
  await sleep(Math.max(2, extent.seconds * countingShare) * 1000);
  const tally = await site.counter.stop();
  await site.load.end();
  return levelFigures({ inFlight, timed, tally, cpuBefore, cpuAfter, peakMemory });
}

/** The figures of one level. */
export function levelFigures(measured: LevelMeasurements): LevelFigures {
  const { inFlight, timed, tally, cpuBefore, cpuAfter, peakMemory } = measured;
  const latencies = timed.latencies.approval ?? [];
  const cpu = growth(cpuBefore, cpuAfter);
  const perOrder = [...cpu].map(([name, seconds]) => [name, (seconds * 1000) / latencies.length] as const);
  return {
    inFlight,
    approvedPerSecond: latencies.length / timed.seconds,
    latency: summarise(latencies),
    failed: timed.failed,
    failures: timed.failures,
    counts: countsPerOrder(tally),
    cpuSeconds: Object.fromEntries(cpu),
    cpuMsPerOrder: Object.fromEntries(perOrder),
    peakMemoryBytes: Object.fromEntries(peakMemory),
  };
}

/** The level with the most approved orders a second. */
export function topOf(levels: readonly LevelFigures[]): LevelFigures | undefined {
  return [...levels].sort((one, other) => other.approvedPerSecond - one.approvedPerSecond)[0];
}

function outcomeOf(levels: readonly LevelFigures[]): Outcome {
  const tables = [speedTable(levels), countsTable(levels)];
  if (levels.some(({ cpuSeconds: cpu }) => Object.keys(cpu).length > 0))
    tables.push(
      byProcess(
        'Throughput: CPU by process, milliseconds an order',
        levels,
        (level) => level.cpuMsPerOrder,
        1,
      ),
      byProcess('Throughput: peak memory by process, MB', levels, (level) => level.peakMemoryBytes, 1e-6),
    );
  return { tables, figures: levels };
}

function speedTable(levels: readonly LevelFigures[]): Table {
  return {
    title: `Throughput: closed loop, ${parties} consumers and ${parties} restaurants; milliseconds`,
    columns: ['in flight', 'approved/s', 'p50', 'p95', 'p99', 'max', 'failed'],
    rows: levels.map(({ inFlight, approvedPerSecond, latency, failed }) => [
      String(inFlight),
      approvedPerSecond,
      latency.p50,
      latency.p95,
      latency.p99,
      latency.max,
      failed,
    ]),
    notes: levels.flatMap(({ failures }) => failures.map((failure) => `failed: ${failure}`)),
  };
}

function countsTable(levels: readonly LevelFigures[]): Table {
  return {
    title: 'Throughput: what one order costs',
    columns: ['in flight', 'statements', 'commits', 'rows written', 'WAL kB', 'messages'],
    rows: levels.map(({ inFlight, counts }) => [
      String(inFlight),
      counts.statements,
      counts.commits,
      counts.rows,
      counts.walBytes / 1000,
      counts.messages,
    ]),
    notes: [
      'Statements include BEGIN and COMMIT; what runs by the clock (sweeps, checkpoints) is left out. Counted by',
      'pg_stat_statements in a stretch after the timed one, where it is switched off. It does not count the calls of a',
      'function by which relays ask whether a commit can be seen.',
    ],
  };
}

function byProcess(
  title: string,
  levels: readonly LevelFigures[],
  figures: (level: LevelFigures) => Readonly<Record<string, number>>,
  unit: number,
): Table {
  const names = [...new Set(levels.flatMap((level) => Object.keys(figures(level))))];
  const own = names.filter((name) => name !== loadGenerator);
  const sum = (level: LevelFigures) => own.reduce((total, name) => total + (figures(level)[name] ?? 0), 0);
  return {
    title,
    columns: ['process', ...levels.map(({ inFlight }) => `${inFlight} in flight`)],
    rows: [
      ...own.map((name) => [name, ...levels.map((level) => (figures(level)[name] ?? 0) * unit)]),
      ['the fleet', ...levels.map((level) => sum(level) * unit)],
      [loadGenerator, ...levels.map((level) => (figures(level)[loadGenerator] ?? 0) * unit)],
    ],
  };
}
