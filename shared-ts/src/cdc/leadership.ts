import { Client, type Pool } from 'pg';
import { backoff, sleep } from '../process/backoff';

/** Any number that nothing else in the database takes as an advisory lock. */
const LEADERSHIP_LOCK = 4_710_817;

/** Milliseconds between two looks whether the leader is gone. */
const STANDBY_PAUSE = 500;

/**
 * Not among the connection's parameters, since a server that does not know it (before 14) would refuse the
 * connection.
 */
const LIMIT_SILENCE = `SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'idle_session_timeout'`;

/** What runs statements in a session. */
export type Queryable = Pick<Pool, 'query'>;

export interface LeadershipOptions {
  readonly databaseUrl: string;
  readonly applicationName: string;
  /** Milliseconds of silence, of ours or of the server's, that end the session. */
  readonly sessionTimeout: number;
  readonly signal: AbortSignal;
  /** Called when another relay turns out to be the leader. */
  readonly onStandby: () => void;
}

/**
 * The right to be the one relay of a database, whatever its mode: a session's advisory lock, which the
 * server frees with the session. It ends that of a leader that hangs, since a heartbeat is missing; a dead
 * leader's host is noticed by TCP keepalives, too.
 */
export class Leadership {
  /** Rejects when the session is lost, and the leadership with it. Never resolves. */
  readonly lost: Promise<never>;
  private heartbeat: NodeJS.Timeout | undefined;

  private constructor(private readonly client: Client) {
    this.lost = new Promise((_, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('the connection to the database ended')));
    });
    this.lost.catch(() => undefined);
  }

  /** The session itself: what a leader writes through it, one that lost the leadership unnoticed can't write. */
  get session(): Queryable {
    return this.client;
  }

  /**
   * Waits as a hot standby until there is no other leader. Rejects when there is no database, or with the
   * signal's reason.
   */
  static async acquire({
    databaseUrl,
    applicationName,
    sessionTimeout,
    signal,
    onStandby,
  }: LeadershipOptions): Promise<Leadership> {
    signal.throwIfAborted();
    const client = new Client({
      connectionString: databaseUrl,
      application_name: applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 10_000,
      // The heartbeat goes out beside other statements; whatever the server does not answer ends the connection.
      pipeline: true,
      query_timeout: sessionTimeout,
      options: '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
    });
    const leadership = new Leadership(client);
    try {
      await client.connect();
      await client.query(LIMIT_SILENCE, [String(sessionTimeout)]);
      leadership.beat(sessionTimeout / 3);
      await Promise.race([leadership.lock(signal, onStandby), leadership.lost]);
      return leadership;
    } catch (error) {
      await leadership.release();
      throw error;
    }
  }

  /** Lets the next one take over. */
  async release(): Promise<void> {
    clearInterval(this.heartbeat);
    await this.client.end().catch(() => undefined);
  }

  /** Shows the server that we live, and us that it does. A failure ends the connection, which tells {@link lost}. */
  private beat(interval: number): void {
    this.heartbeat = setInterval(() => void this.client.query('SELECT').catch(() => undefined), interval);
  }

  private async lock(signal: AbortSignal, onStandby: () => void): Promise<void> {
    // Asked again and again instead of waited for: a statement that waits holds a snapshot, and vacuum with it.
    const pauses = backoff({ initial: STANDBY_PAUSE, max: STANDBY_PAUSE });
    for (;;) {
      const { rows } = await this.client.query<{ locked: boolean }>(
        'SELECT pg_try_advisory_lock($1) AS locked',
        [LEADERSHIP_LOCK],
      );
      if (rows[0]?.locked) return;
      onStandby();
      await sleep(pauses.next(), signal);
    }
  }
}
