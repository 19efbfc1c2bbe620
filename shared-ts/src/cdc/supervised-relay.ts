import { Pool } from 'pg';
import { sqlState } from '../postgres/errors';
import { atMost, backoff, sleep } from '../process/backoff';
import { Leadership, type Queryable } from './leadership';
import {
  isActive,
  SESSION_TIMEOUT,
  type Relay,
  type RelayOptions,
  type RelayState,
  type RelayStatus,
} from './relay';

const UNDEFINED_TABLE = '42P01';

/** One stretch of work with a database that answers, as the only relay of it. */
export interface Session {
  readonly pool: Pool;
  /** For what only the leader may write. */
  readonly leader: Queryable;
  /** Aborted when the relay is to stop. */
  readonly stopping: AbortSignal;
  /** Rejects when the database or the leadership is lost. */
  readonly lost: Promise<never>;
  enter(state: RelayState, reason?: string): void;
}

/**
 * Works until it is told to stop (resolves) or something fails (rejects). Must leave nothing running
 * behind.
 */
export type RunSession = (session: Session) => Promise<void>;

/** Runs sessions one after another until it is stopped: what both kinds of relay have in common. */
export class SupervisedRelay implements Relay {
  private readonly stopping = new AbortController();
  private readonly pool: Pool;
  private readonly pauses = backoff({ initial: 100, max: 1_000 });
  private current: RelayStatus = { state: 'stopped' };
  private lastFailure: string | undefined;
  private running: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly options: RelayOptions,
    private readonly runSession: RunSession,
  ) {
    this.pool = new Pool({
      connectionString: options.databaseUrl,
      application_name: options.relayId,
      max: 4,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    // The leadership's connection notices a lost database; an idle connection that breaks is only replaced.
    this.pool.on('error', () => undefined);
  }

  async start(): Promise<void> {
    this.running ??= this.run();
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  status(): RelayStatus {
    return this.current;
  }

  private async shutDown(): Promise<void> {
    this.stopping.abort(new Error('the relay is stopped'));
    await this.running;
    this.enter('stopped');
    // A statement that waits for the server must not hold up a stop.
    await atMost(1_000, this.pool.end());
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    this.enter('connecting', 'connecting to the database');
    while (!signal.aborted) {
      try {
        await this.lead();
      } catch (error) {
        if (signal.aborted) return;
        this.onSessionFailed(error);
        await sleep(this.pauses.next(), signal).catch(() => undefined);
      }
    }
  }

  private async lead(): Promise<void> {
    const { databaseUrl, relayId, sessionTimeout = SESSION_TIMEOUT } = this.options;
    const leadership = await Leadership.acquire({
      databaseUrl,
      applicationName: relayId,
      sessionTimeout,
      signal: this.stopping.signal,
      onStandby: () => this.enter('standby', 'standby: another relay of this outbox is at work'),
    });
    try {
      await this.runSession({
        pool: this.pool,
        leader: leadership.session,
        stopping: this.stopping.signal,
        lost: leadership.lost,
        enter: (state, reason) => this.enter(state, reason),
      });
    } finally {
      await leadership.release();
    }
  }

  private onSessionFailed(error: unknown): void {
    const reason = reasonOf(error);
    // An outage of an hour is one event, not a line every second.
    const { log } = this.options;
    if (reason !== this.lastFailure)
      log.warn({ err: error, reason }, 'relay session ended, starting another one');
    this.lastFailure = reason;
    this.enter('connecting', reason);
  }

  private enter(state: RelayState, reason?: string): void {
    if (state !== this.current.state) this.options.log.info({ state, reason }, `relay ${state}`);
    this.current = reason === undefined ? { state } : { state, reason };
    const active = isActive(this.current);
    this.options.metrics.streaming.set(active ? 1 : 0);
    if (!active) return;
    this.pauses.reset();
    this.lastFailure = undefined;
  }
}

/** In words for an operator. */
function reasonOf(error: unknown): string {
  if (sqlState(error) === UNDEFINED_TABLE) return 'waits for the service to make its outbox';
  if (!(error instanceof Error)) return String(error);
  // Node's error for a host with several addresses has no message of its own.
  return error.message || error.name;
}

/**
 * Resolves once the signal is aborted.
 * @param over nobody waits any more once this is aborted: for a signal that outlives who waits for it, and would keep a listener for each
 */
export function aborted(signal: AbortSignal, over?: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over }),
  );
}
