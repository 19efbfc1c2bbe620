import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Parties, Step, Timing } from '../load/load';
import type { Bench, Outcome, Scenario } from '../scenario';
import { seedOrders, templateOf } from '../seed/seed';
import { copyOf } from '../seed/template';
import type { LoadedSite } from '../site';
import { summarise, type Summary } from '../statistics';
import { restMs } from './at-rest';
import { measureLevel, type LevelFigures } from './throughput';

const inFlight = 32;
const steps: readonly Step[] = ['order', 'schedule', 'search'];
const partiesOfMany = 100;

/** What was measured at one age, in milliseconds for each step. */
export type Ages = Readonly<Record<Step, readonly Timing[]>>;

/** How what was there before makes the next order slower. */
export interface GrowthFigures {
  readonly ordersOfOne: number;
  /** The first orders of one consumer, restaurant and courier against those after so many. */
  readonly ofOne: readonly { readonly step: Step; readonly first: Summary; readonly later: Summary }[];
  readonly ordersInAll: number;
  readonly empty: LevelFigures;
  readonly full: LevelFigures;
}

/** The databases are filled by SQL, with copies of a real order: hours of orders would only measure patience. */
export const growth: Scenario = async (bench) => {
  const { ordersOfOneConsumer, ordersInAll } = bench.extent;
  const site = await bench.ownSite();
  bench.log('throughput of an empty database');
  const empty = await measureLevel(site, bench.extent, inFlight);

  const one = await site.load.prepare(1, 1);
  const courier = randomUUID();
  await site.load.courier(courier);
  let orderId = '';
  const template = await templateOf(site, async () => {
    orderId = await oneWholeOrder(site);
  });
  bench.log('the first orders of one consumer, restaurant and courier');
  const first = await measureAge(site, bench);

  const shared = (parties: Parties) =>
    new Map([
      [one.consumers[0] ?? '', parties.consumers],
      [one.restaurants[0] ?? '', parties.restaurants],
      [courier, [courier]],
    ]);
  bench.log(`seeding ${ordersOfOneConsumer} orders of theirs`);
  await seedOrders(site, template, shared(one), 1, ordersOfOneConsumer);
  await assertSeeded(site, orderId, ordersOfOneConsumer);
  const later = await measureAge(site, bench);

  bench.log(`seeding up to ${ordersInAll} orders of many`);
  const many = await site.load.prepare(partiesOfMany, partiesOfMany);
  await seedOrders(site, template, shared(many), ordersOfOneConsumer + 1, ordersInAll);
  await assertSeeded(site, orderId, ordersInAll);
  bench.log('throughput of a full database');
  const full = await measureLevel(site, bench.extent, inFlight);
  return outcomeOf({
    ordersOfOne: ordersOfOneConsumer,
    ofOne: compare(first, later),
    ordersInAll,
    empty,
    full,
  });
};

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

async function measureAge(site: LoadedSite, bench: Bench): Promise<Ages> {
  const count = Math.ceil(bench.extent.ordersAtRest / 3);
  const measure = (step: Step) => site.load.sequence(step, count, restMs);
  return {
    order: await measure('order'),
    schedule: await measure('schedule'),
    search: await measure('search'),
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
      'Earlier orders are seeded by SQL: copies of the rows that a real order leaves in every table, with ids and times',
      'of their own. The broker does not hold their messages.',
    ],
  };
  return { tables: [single, whole], figures };
}
