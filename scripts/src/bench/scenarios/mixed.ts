import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity, Window } from '../load/load';
import type { Outcome, Scenario } from '../scenario';
import { summarise, type Summary } from '../statistics';

const inFlight = 16;
const parties = 50;

/** What one kind of activity does while all others go on. */
export interface ActivityFigures {
  readonly activity: Activity;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly latency: Summary;
}

/** Orders are placed, cancelled, revised and accepted, and the history is searched, all at once. */
export const mixed: Scenario = async (bench) => {
  const site = await bench.sharedSite();
  await site.load.prepare(parties, parties);
  await site.load.begin('mixed', { inFlight });
  await sleep(bench.extent.warmUpSeconds * 1000);
  bench.log(`${inFlight} in flight for ${bench.extent.seconds} s`);
  const window = await site.load.window(bench.extent.seconds);
  await site.load.end();
  return outcomeOf(window);
};

/** The figures of a stretch, for each activity that occurred. */
export function activityFigures({ seconds, latencies }: Window): ActivityFigures[] {
  const activities: Activity[] = ['approval', 'cancellation', 'revision', 'acceptance', 'search'];
  return activities.map((activity) => {
    const values = latencies[activity] ?? [];
    return { activity, perSecond: values.length / seconds, latency: summarise(values) };
  });
}

function outcomeOf(window: Window): Outcome {
  const activities = activityFigures(window);
  const table = {
    title: `Mixed: ${inFlight} in flight; milliseconds`,
    columns: ['what', 'per second', 'p50', 'p95', 'p99', 'max'],
    rows: activities.map(({ activity, perSecond, latency }) => [
      activity,
      perSecond,
      latency.p50,
      latency.p95,
      latency.p99,
      latency.max,
    ]),
    notes: [
      'Approval, cancellation and revision end when their event is on the broker, the others with the answer.',
      `failed: ${window.failed}${window.failures.map((failure) => `; ${failure}`).join('')}`,
    ],
  };
  return { tables: [table], figures: { activities, failed: window.failed, failures: window.failures } };
}
