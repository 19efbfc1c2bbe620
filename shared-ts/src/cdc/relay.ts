import type { Publisher } from '../messaging/broker';
import type { RelayMetrics } from './metrics';
import type { PipelineLimits } from './publishing';

/** What a relay is doing. Only `streaming` and `polling` are its work; all else comes with a reason. */
export type RelayState = 'stopped' | 'connecting' | 'standby' | 'catching-up' | 'streaming' | 'polling';

export interface RelayStatus {
  readonly state: RelayState;
  /** Why it is not doing its work, in words for an operator. */
  readonly reason?: string;
}

/** Publishes an outbox until it is stopped. Survives the loss of the database and of the broker by itself. */
export interface Relay {
  /** Starts it; does not wait for a connection. */
  start(): Promise<void>;
  /** Lets what is being published finish, within limits, writes down how far it came and ends. */
  stop(): Promise<void>;
  status(): RelayStatus;
}

/** What a relay says of itself; a pino logger fits. */
export interface RelayLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface RelayOptions {
  /** `postgres://` URL of the outbox's database. */
  readonly databaseUrl: string;
  /** Names the relay in logs, in pg_stat_activity and in its checkpoint row. */
  readonly relayId: string;
  readonly publisher: Publisher;
  readonly metrics: RelayMetrics;
  readonly log: RelayLog;
  /** How much may be read and not yet published. */
  readonly limits?: PipelineLimits;
  /** Milliseconds between checkpoints while there is progress. */
  readonly checkpointInterval?: number;
  /** Milliseconds without a sign of life after which a relay that leads gives way to a standby. */
  readonly sessionTimeout?: number;
  /** Milliseconds that a stop waits for what is being published. */
  readonly drainTimeout?: number;
}

/** The session timeout if none is given, in milliseconds. */
export const SESSION_TIMEOUT = 15_000;

/** Does its work, as readiness sees it. */
export function isActive(status: RelayStatus): boolean {
  return status.state === 'streaming' || status.state === 'polling';
}
