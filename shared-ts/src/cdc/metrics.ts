import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A relay's instruments. */
export interface RelayMetrics {
  readonly published: Counter;
  readonly retries: Counter;
  readonly parked: Counter;
  /** Messages that are read and not yet published or parked. */
  readonly inFlight: Gauge;
  /** Seconds from the commit (polling: from the start of the transaction) to the broker's acknowledgement. */
  readonly lag: Histogram;
  /** Bytes of log that the server keeps for the slot. */
  readonly retainedWal: Gauge;
  /** 1 while a live stream or active polling feeds the broker, else 0. */
  readonly streaming: Gauge;
}

/** Registers the instruments of one relay. */
export function createRelayMetrics(registry: Registry): RelayMetrics {
  const registers = [registry];
  return {
    published: new Counter({
      name: 'ftgo_relay_published_total',
      help: 'Messages the broker acknowledged.',
      registers,
    }),
    retries: new Counter({
      name: 'ftgo_relay_retries_total',
      help: 'Publications that are tried again.',
      registers,
    }),
    parked: new Counter({
      name: 'ftgo_relay_parked_total',
      help: 'Messages put aside as unpublishable.',
      registers,
    }),
    inFlight: new Gauge({
      name: 'ftgo_relay_in_flight',
      help: 'Messages read and not yet published.',
      registers,
    }),
    lag: new Histogram({
      name: 'ftgo_outbox_lag_seconds',
      help: 'From the commit of a message to its acknowledgement by the broker.',
      buckets: [
        0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600,
      ],
      registers,
    }),
    retainedWal: new Gauge({
      name: 'ftgo_relay_retained_wal_bytes',
      help: 'Write-ahead log that the server retains for the relay.',
      registers,
    }),
    streaming: new Gauge({
      name: 'ftgo_relay_streaming',
      help: '1 while the relay feeds the broker.',
      registers,
    }),
  };
}
