import { Counter, type Histogram } from 'prom-client';
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
