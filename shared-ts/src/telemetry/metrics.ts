import { Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** From half a millisecond to ten seconds: what a request or a message may take. */
export const durationBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** A process's own metrics; nothing goes to prom-client's global registry. */
export interface Metrics {
  /** Further metrics register here: `new Counter({ ..., registers: [metrics.registry] })`. */
  readonly registry: Registry;
  /** Seconds by method, route pattern (never the raw URL, which has no bound) and status. */
  readonly httpRequestDuration: Histogram<'method' | 'route' | 'status'>;
  /** Seconds by message name, kind and outcome (`success`; `fault`, where it is tried again or set aside; `not_yet_known`, where it waits for an event). A refused command is a success: it was answered. */
  readonly messageHandlingDuration: Histogram<'message' | 'kind' | 'outcome'>;
}

/**
 * How often the event loop's lag is sampled, in milliseconds. With prom-client's default, 10, the idle processes of a fleet wake a processor more than a thousand
 * times a second. What the samples give includes this time: nodejs_eventloop_lag_p50_seconds of an idle process is 0.1.
 */
const LAG_SAMPLING = 100;

/** Makes the registry of a process, with Node's default metrics and a `service` label on everything. */
export function createMetrics(serviceId: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: serviceId });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_SAMPLING });
  return {
    registry,
    httpRequestDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Duration of HTTP requests by route pattern.',
      labelNames: ['method', 'route', 'status'],
      buckets: durationBuckets,
      registers: [registry],
    }),
    messageHandlingDuration: new Histogram({
      name: 'message_handling_duration_seconds',
      help: 'Duration of message handling by message name and outcome.',
      labelNames: ['message', 'kind', 'outcome'],
      buckets: durationBuckets,
      registers: [registry],
    }),
  };
}
