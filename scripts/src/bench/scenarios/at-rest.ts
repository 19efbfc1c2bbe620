import { setTimeout as sleep } from 'node:timers/promises';
import type { Timing } from '../load/load';
import { hopsOf, type HopFigures } from '../measure/hops';
import { passagesOf } from '../measure/outbox-view';
import type { Outcome, Scenario } from '../scenario';
import { summarise, type Summary } from '../statistics';

/** So many that V8 has optimised what an order runs. The first 250 take half as long again, and from 500 to 1,000 it is still some percent. */
export const warmUpOrders = 1_000;
/** Between two orders, in milliseconds, so that what goes on after the approval of one is over before the next. */
export const restMs = 50;

/** So many orders are the first after a long quiet. */
const firstOrders = 50;

/** What an order takes when no other is under way. Latencies are milliseconds from sending the request to the approval's sight on the broker. */
export interface RestFigures {
  /** Of orders each of which is placed when the one before is approved. */
  readonly latency: Summary;
  /** Of orders each of which is placed when all has been quiet for a moment: caches are cold, and threads asleep. */
  readonly afterPause: Summary;
  /** Of the first orders, one after the other, after a long quiet: runtimes may have given back what made them fast. */
  readonly afterQuiet: Summary;
  /** Of the first of these. */
  readonly hops: readonly HopFigures[];
}

/** One order after the other, each split into its hops; as many with pauses between them; and the first after a long quiet. */
export const atRest: Scenario = async (bench) => {
  const site = await bench.sharedSite();
  const count = bench.extent.ordersAtRest;
  await site.load.prepare(1, 1);
  await site.load.sequence('order', warmUpOrders, 0);
  const before = await site.stream.lastSequence();
  bench.log(`${count} orders, one after the other`);
  const timings = await site.load.sequence('order', count, 0);
  const messages = await site.stream.messages(before, await site.stream.lastSequence());
  const passages = await passagesOf(messages, site.outboxUrls);
  bench.log(`${count} orders with ${restMs} ms between them`);
  const paused = await site.load.sequence('order', count, restMs);
  bench.log(`${bench.extent.quietSeconds} s of quiet, and ${firstOrders} orders`);
  await sleep(bench.extent.quietSeconds * 1000);
  const first = await site.load.sequence('order', firstOrders, 0);
  const figures = {
    latency: latencyOf(timings),
    afterPause: latencyOf(paused),
    afterQuiet: latencyOf(first),
    hops: hopsOf(timings.map(toJourney), passages),
  };
  return outcomeOf(figures, bench.extent.quietSeconds);
};

const latencyOf = (timings: readonly Timing[]): Summary => summarise(timings.map(({ ms }) => ms));

const toJourney = ({ orderId, sentAt, ms }: Timing) => ({ orderId, sentAt, seenAt: sentAt + ms });

function outcomeOf(figures: RestFigures, quietSeconds: number): Outcome {
  const { latency, afterPause, afterQuiet, hops } = figures;
  const row = (how: string, { count, p50, p95, p99, max }: Summary) => [how, count, p50, p95, p99, max];
  const latencies = {
    title: 'At rest: POST /api/orders to OrderApproved on the broker, milliseconds',
    columns: ['placed', 'orders', 'p50', 'p95', 'p99', 'max'],
    rows: [
      row('one after the other', latency),
      row(`each after ${restMs} ms of quiet`, afterPause),
      row(`one after the other, after ${quietSeconds} s of quiet`, afterQuiet),
    ],
  };
  const split = {
    title: 'At rest: where the time goes, one order after the other, milliseconds',
    columns: ['hop', 'in one order', 'p50 of one', 'p95 of one', 'together p50', 'share'],
    rows: hops.map(({ kind, perOrder, single, together }) => [
      kind,
      perOrder,
      single.p50,
      single.p95,
      together.p50,
      `${((100 * together.mean) / latency.mean).toFixed(0)} %`,
    ]),
    notes: [
      'By the chain of causes from the request to the approval. A commit is timed when its record is made, so that',
      'the flush of the log to the disk is part of "commit to broker".',
    ],
  };
  return { tables: [latencies, split], figures };
}
