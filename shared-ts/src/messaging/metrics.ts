import { setTimeout as pause } from 'node:timers/promises';
import { Counter, Gauge, type Histogram } from 'prom-client';
import type { Metrics } from '../telemetry';

/** What a consumer measures. */
export interface MessageMetrics {
  readonly handling: Histogram<'message' | 'kind' | 'outcome'>;
  readonly deadLetters: Counter<'message'>;
}

export const messageMetrics = ({ registry, messageHandlingDuration }: Metrics): MessageMetrics => ({
  handling: messageHandlingDuration,
  deadLetters: new Counter({
    name: 'ftgo_dead_letters_total',
    help: 'Messages that were set aside because they could not be handled.',
    labelNames: ['message'],
    registers: [registry],
  }),
});

/** How long a scrape waits for the count of dead letters, in milliseconds. */
const COUNT_PATIENCE = 1_000;

/**
 * Adds the gauge of the dead letters that wait, counted when it is scraped. While the database does not answer it keeps what was counted last
 * (0 at first), because the other metrics are needed most just then.
 */
export function measureDeadLetters({ registry }: Metrics, count: () => Promise<number>): void {
  let counting: Promise<void> | undefined;
  const gauge = new Gauge({
    name: 'ftgo_dead_letters',
    help: 'Messages that were set aside and wait to be replayed or deleted.',
    registers: [registry],
    collect: async () => {
      counting ??= count()
        .then(
          (waiting) => gauge.set(waiting),
          () => undefined,
        )
        .finally(() => (counting = undefined));
      await Promise.race([counting, pause(COUNT_PATIENCE, undefined, { ref: false })]);
    },
  });
}
