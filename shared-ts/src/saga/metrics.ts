import { setTimeout as pause } from 'node:timers/promises';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Metrics } from '../telemetry';
import type { Advance } from './advance';
import type { SagaCount, SagaInstance, SagaState } from './saga-store';

/** What is counted of sagas. */
export interface SagaMetrics {
  /** Sagas that entered a state: RUNNING when they start, then what they end in. */
  readonly states: Counter<'saga' | 'state'>;
  /** Replies that answered no command that was out. */
  readonly ignoredReplies: Counter<'saga'>;
  /** Commands that went out again because no reply came, or because an operator wanted it. */
  readonly resends: Counter<'saga'>;
  /** Steps whose reply did not come in all the time that they had. */
  readonly timeouts: Counter<'saga'>;
  /** Seconds from a saga's start to its end. */
  readonly duration: Histogram<'saga' | 'state'>;
}

/** Seconds: from what a saga takes when all is well to what it takes when a participant is away for long. */
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 21_600, 86_400];

export const sagaMetrics = ({ registry }: Pick<Metrics, 'registry'>): SagaMetrics => {
  const counter = <const Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  return {
    states: counter('ftgo_sagas_total', 'Sagas that entered a state, by name and state.', ['saga', 'state']),
    ignoredReplies: counter(
      'ftgo_saga_replies_ignored_total',
      'Replies that answered no command that was out: late, doubled or foreign.',
      ['saga'],
    ),
    resends: counter('ftgo_saga_resends_total', 'Commands that went out again, because no reply came.', [
      'saga',
    ]),
    timeouts: counter('ftgo_saga_timeouts_total', 'Steps that were given up, because no reply came.', [
      'saga',
    ]),
    duration: new Histogram({
      name: 'ftgo_saga_duration_seconds',
      help: 'Duration of sagas from their start to their end, by name and the state in which they ended.',
      labelNames: ['saga', 'state'],
      buckets: durationBuckets,
      registers: [registry],
    }),
  };
};

/** Counts what an advance is, once it is committed. */
export function observe(
  metrics: SagaMetrics,
  before: SagaInstance | undefined,
  { instance, transitions }: Advance<unknown>,
): void {
  const saga = instance.sagaName;
  for (const { kind, state, at } of transitions) {
    if (kind === 'resent') metrics.resends.inc({ saga });
    if (kind === 'timeout') metrics.timeouts.inc({ saga });
    if (kind === 'completed' || kind === 'compensated') {
      const seconds = (Date.parse(at) - Date.parse(instance.startedAt)) / 1_000;
      metrics.duration.observe({ saga, state }, seconds);
    }
  }
  if (before?.state !== instance.state) metrics.states.inc({ saga, state: instance.state });
}

const OPEN_STATES: readonly SagaState[] = ['RUNNING', 'COMPENSATING', 'STUCK'];
/** How long a scrape waits for the count, in milliseconds. */
const COUNT_PATIENCE = 1_000;

/**
 * Adds the gauge of the sagas that are under way or STUCK, counted when it is scraped. While the database does not answer it keeps what was counted last
 * (0 at first).
 * @param names of the sagas that are shown with 0 when there are none
 */
export function measureSagas(
  { registry }: Pick<Metrics, 'registry'>,
  names: readonly string[],
  countOpen: () => Promise<readonly SagaCount[]>,
): void {
  let counting: Promise<void> | undefined;
  const gauge = new Gauge({
    name: 'ftgo_sagas',
    help: 'Sagas that are under way or STUCK, by name and state.',
    labelNames: ['saga', 'state'],
    registers: [registry],
    collect: async () => {
      counting ??= countOpen()
        .then(show, () => undefined)
        .finally(() => (counting = undefined));
      await Promise.race([counting, pause(COUNT_PATIENCE, undefined, { ref: false })]);
    },
  });
  const show = (counts: readonly SagaCount[]): void => {
    gauge.reset();
    for (const saga of names) for (const state of OPEN_STATES) gauge.set({ saga, state }, 0);
    for (const { sagaName: saga, state, count } of counts) gauge.set({ saga, state }, count);
  };
  show([]);
}
