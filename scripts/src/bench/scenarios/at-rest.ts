import type { Timing } from '../load/load';
import { hopsOf, type HopFigures } from '../measure/hops';
import { passagesOf } from '../measure/outbox-view';
import type { Outcome, Scenario } from '../scenario';
import { summarise, type Summary } from '../statistics';

/** So many that V8 has optimised what an order runs: one that has just started takes a quarter longer. */
export const warmUpOrders = 500;
/** Between two orders, in milliseconds, so that what goes on after the approval of one is over before the next. */
export const restMs = 50;

/** What an order takes when nothing else is under way. */
export interface RestFigures {
  /** Milliseconds from sending the request to the approval's sight on the broker. */
  readonly latency: Summary;
  readonly hops: readonly HopFigures[];
}

/** One order after the other, each split into its hops. */
export const atRest: Scenario = async (bench) => {
  const site = await bench.sharedSite();
  await site.load.prepare(1, 1);
  await site.load.sequence('order', warmUpOrders, 0);
  const before = await site.stream.lastSequence();
  bench.log(`${bench.extent.ordersAtRest} orders, one after the other`);
  const timings = await site.load.sequence('order', bench.extent.ordersAtRest, restMs);
  const messages = await site.stream.messages(before, await site.stream.lastSequence());
  const passages = await passagesOf(messages, site.outboxUrls);
  return outcomeOf(restFigures(timings, (journeys) => hopsOf(journeys, passages)));
};

/** The figures of orders that were placed one after the other. */
export function restFigures(
  timings: readonly Timing[],
  hops: (journeys: Parameters<typeof hopsOf>[0]) => HopFigures[],
): RestFigures {
  const journeys = timings.map(({ orderId, sentAt, ms }) => ({ orderId, sentAt, seenAt: sentAt + ms }));
  return { latency: summarise(timings.map(({ ms }) => ms)), hops: hops(journeys) };
}

function outcomeOf(figures: RestFigures): Outcome {
  const { latency, hops } = figures;
  const latencies = {
    title: 'At rest: POST /api/orders to OrderApproved on the broker, milliseconds',
    columns: ['orders', 'p50', 'p95', 'p99', 'max'],
    rows: [[latency.count, latency.p50, latency.p95, latency.p99, latency.max]],
  };
  const split = {
    title: 'At rest: where the time goes, milliseconds',
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
