import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Parties, Step, Timing, Window } from '../load/load';
import type { Bench, Outcome, Scenario } from '../scenario';
import { seedOrders, templateOf } from '../seed/seed';
import { copyOf } from '../seed/template';
import { startLoadedSite, type LoadedSite } from '../site';
import { summarise, type Summary } from '../statistics';
import { restMs, warmUpOrders } from './at-rest';

const inFlight = 32;
const steps: readonly Step[] = ['order', 'schedule', 'search'];
const partiesOfMany = 100;
/** Both fleets are measured by turns, so often: a machine's speed changes within minutes. */
const turns = 5;

/** What was measured at one age, in milliseconds for each step. */
export type Ages = Readonly<Record<Step, readonly Timing[]>>;

/** Throughput with a number of orders in flight; latencies in milliseconds. */
export interface ThroughputFigures {
  readonly approvedPerSecond: number;
  readonly latency: Summary;
  readonly failed: number;
}

/** How what was there before makes the next order slower. */
export interface GrowthFigures {
  readonly ordersOfOne: number;
  /** The first orders of one consumer, restaurant and courier against those after so many. */
  readonly ofOne: readonly { readonly step: Step; readonly first: Summary; readonly later: Summary }[];
  readonly ordersInAll: number;
  readonly empty: ThroughputFigures;
  readonly full: ThroughputFigures;
}

/** A fleet whose databases stay as they are, and one whose are filled. */
interface Sites {
  readonly empty: LoadedSite;
  readonly filled: LoadedSite;
}

/** Two fleets run beside each other, and only one works at a time. */
export const growth: Scenario = async (bench) => {
  const empty = await bench.ownSite();
  bench.log('starting a second one, to be filled');
  const filled = startLoadedSite((line) => bench.log(`! ${line}`));
  return bench.cleaningUp(
    async () => (await filled).stop(),
    async () => outcomeOf(await compareFleets(bench, { empty, filled: await filled })),
  );
};

/** The databases are filled by SQL, with copies of a real order: hours of orders would only measure patience. */
async function compareFleets(bench: Bench, sites: Sites): Promise<GrowthFigures> {
  const { ordersOfOneConsumer, ordersInAll } = bench.extent;
  const { empty, filled } = sites;
  const newcomer = await empty.load.prepare(1, 1);
  await empty.load.courier(randomUUID());
  const one = await filled.load.prepare(1, 1);
  const courier = randomUUID();
  await filled.load.courier(courier);
  let orderId = '';
  const template = await templateOf(filled, async () => {
    orderId = await oneWholeOrder(filled);
  });
  const shared = (parties: Parties) =>
    new Map([
      [one.consumers[0] ?? '', parties.consumers],
      [one.restaurants[0] ?? '', parties.restaurants],
      [courier, [courier]],
    ]);
  bench.log(`seeding ${ordersOfOneConsumer} orders of one consumer, restaurant and courier`);
  await seedOrders(filled, template, shared(one), 1, ordersOfOneConsumer);
  await assertSeeded(filled, orderId, ordersOfOneConsumer);
  bench.log('their next orders, and the first of others');
  await warmUp(sites);
  await empty.load.use(newcomer);
  await filled.load.use(one);
  const { first, later } = await measureAges(bench, sites);

  bench.log(`seeding up to ${ordersInAll} orders of many`);
  const many = await filled.load.prepare(partiesOfMany, partiesOfMany);
  await seedOrders(filled, template, shared(many), ordersOfOneConsumer + 1, ordersInAll);
  await assertSeeded(filled, orderId, ordersInAll);
  bench.log('throughput of a full and of an empty database');
  const throughput = await measureThroughput(bench, sites);
  return { ordersOfOne: ordersOfOneConsumer, ofOne: compare(first, later), ordersInAll, ...throughput };
}

/** One order from its placing to its delivery's schedule, and then some time for all that goes on beside. */
async function oneWholeOrder(site: LoadedSite): Promise<string> {
  const [order] = await site.load.sequence('schedule', 1, 0);
  const orderId = order?.orderId ?? '';
  while (!(await isApproved(site, orderId))) await sleep(100);
  await site.stream.untilQuiet();
  return orderId;
}

/** For the order service and for the history. */
async function isApproved(site: LoadedSite, orderId: string): Promise<boolean> {
  return (await site.load.states(orderId)).every((state) => state === 'Approved');
}

/** A copy that the services do not take for an order would make the figures worthless. */
async function assertSeeded(site: LoadedSite, orderId: string, copy: number): Promise<void> {
  const id = copyOf(orderId, copy);
  if (!(await isApproved(site, id))) throw new Error(`the seeded order ${id} is not approved`);
}

/** By orders of others: seeding has started the relays of the one fleet anew, and the other has just begun. */
async function warmUp({ empty, filled }: Sites): Promise<void> {
  for (const { load } of [empty, filled]) {
    await load.prepare(1, 1);
    await load.sequence('order', warmUpOrders, 0);
  }
}

async function measureAges(bench: Bench, { empty, filled }: Sites): Promise<{ first: Ages; later: Ages }> {
  const count = Math.ceil(bench.extent.ordersAtRest / turns);
  const taken = () => ({ order: [], schedule: [], search: [] }) as Record<Step, Timing[]>;
  const [first, later] = [taken(), taken()];
  for (const step of steps) {
    for (let turn = 0; turn < turns; turn += 1) {
      first[step].push(...(await empty.load.sequence(step, count, restMs)));
      later[step].push(...(await filled.load.sequence(step, count, restMs)));
    }
  }
  return { first, later };
}

async function measureThroughput(
  bench: Bench,
  { empty, filled }: Sites,
): Promise<Pick<GrowthFigures, 'empty' | 'full'>> {
  const { seconds, warmUpSeconds } = bench.extent;
  const windows = new Map<LoadedSite, Window[]>([
    [empty, []],
    [filled, []],
  ]);
  for (const { load } of windows.keys()) await load.prepare(partiesOfMany, partiesOfMany);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [{ load }, taken] of windows) {
      await load.begin('orders', { inFlight });
      await sleep(1000 * (turn === 0 ? warmUpSeconds : warmUpSeconds / turns));
      taken.push(await load.window(seconds / turns));
      await load.end();
    }
  }
  return {
    empty: throughputOf(windows.get(empty) ?? []),
    full: throughputOf(windows.get(filled) ?? []),
  };
}

/** Several stretches of time as one. */
export function throughputOf(windows: readonly Window[]): ThroughputFigures {
  const latencies = windows.flatMap((window) => window.latencies.approval ?? []);
  const seconds = windows.reduce((sum, window) => sum + window.seconds, 0);
  return {
    approvedPerSecond: latencies.length / seconds,
    latency: summarise(latencies),
    failed: windows.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** The same steps at two ages, side by side. */
export function compare(first: Ages, later: Ages): GrowthFigures['ofOne'] {
  const figures = (timings: readonly Timing[]) => summarise(timings.map(({ ms }) => ms));
  return steps.map((step) => ({ step, first: figures(first[step]), later: figures(later[step]) }));
}

const times = (later: number, first: number) => (first > 0 ? `${(later / first).toFixed(2)} times` : '-');

function outcomeOf(figures: GrowthFigures): Outcome {
  const { ordersOfOne, ofOne, ordersInAll, empty, full } = figures;
  const names: Record<Step, string> = {
    order: 'order to approval',
    schedule: 'acceptance to scheduled delivery',
    search: 'search of the history',
  };
  const single = {
    title: `Growth: one consumer, restaurant and courier, at the first order and after ${ordersOfOne}; milliseconds`,
    columns: ['what', 'p50 first', 'p50 later', 'p95 first', 'p95 later', 'p50 grew'],
    rows: ofOne.map(({ step, first, later }) => [
      names[step],
      first.p50,
      later.p50,
      first.p95,
      later.p95,
      times(later.p50, first.p50),
    ]),
  };
  const whole = {
    title: `Growth: ${inFlight} in flight, empty and after ${ordersInAll} orders`,
    columns: ['databases', 'approved/s', 'p50', 'p95', 'p99', 'failed'],
    rows: (
      [
        ['empty', empty],
        [`${ordersInAll} orders`, full],
      ] as const
    ).map(([name, level]) => [
      name,
      level.approvedPerSecond,
      level.latency.p50,
      level.latency.p95,
      level.latency.p99,
      level.failed,
    ]),
    notes: [
      'Two fleets by turns, of which the other one idles meanwhile. Earlier orders are seeded by SQL: copies of the rows that a',
      'real order leaves in every table, with ids and times of their own. The broker does not hold their messages.',
    ],
  };
  return { tables: [single, whole], figures };
}
