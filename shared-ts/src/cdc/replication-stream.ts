import { Client, type ClientConfig } from 'pg';
import { formatLsn, type Lsn } from './lsn';
import { decodePgOutput, type PgOutputMessage } from './pgoutput';

/**
 * What a replication stream passes up, in the log's order, synchronously. An error thrown here ends the
 * stream.
 */
export interface ReplicationListener {
  onMessage(message: PgOutputMessage): void;
  /** Everything that the publication holds before this position has been sent. */
  onKeepalive(position: Lsn): void;
}

export interface ReplicationStreamOptions {
  /** `postgres://` URL of a role with the attribute REPLICATION. */
  readonly databaseUrl: string;
  readonly slot: string;
  readonly publication: string;
  readonly listener: ReplicationListener;
  /** Shown in pg_stat_replication. */
  readonly applicationName: string;
  /**
   * After so many milliseconds without a sign of life the server ends our session and frees the slot for a
   * standby.
   */
  readonly sessionTimeout: number;
}

/**
 * What is used of pg's connection below its client; the package documents the events, but has no types for
 * them.
 */
interface CopyConnection {
  readonly stream: { pause(): void; resume(): void; destroy(error?: Error): void };
  on(event: 'copyData', listener: (message: { readonly chunk: Buffer }) => void): void;
  once(event: 'replicationStart', listener: () => void): void;
  removeAllListeners(event: 'copyData'): void;
  sendCopyFromChunk(chunk: Buffer): void;
  end(): void;
}

/**
 * Confirmations within this many milliseconds go out as one: they only release log files, nobody waits for
 * them.
 */
const CONFIRMATION_DELAY = 200;
/**
 * How often the server is asked how far the log is read in which nothing is for us, in milliseconds, and told that we live (at least three times in a
 * session's time-out).
 */
const POSITION_INTERVAL = 1_000;
/**
 * What we say of how much is written here: more than the log will ever hold. A server that has sent more than that tells its position each time
 * before it sleeps (WalSndWaitForWal in walsender.c), so that every commit of every database would wake every relay. Only synchronous
 * replication goes by it; what the server may forget, it takes from the flushed position.
 */
const EVERYTHING = 0x7fff_ffff_ffff_ffffn;
/** How long an orderly end may take, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;
const POSTGRES_EPOCH_MILLISECONDS = 946_684_800_000;

const XLOG_DATA = 'w'.charCodeAt(0);
const KEEPALIVE = 'k'.charCodeAt(0);
const STATUS_UPDATE = 'r'.charCodeAt(0);
const XLOG_DATA_HEADER = 25;

/**
 * A `START_REPLICATION` of a pgoutput slot. Reports to the server only what {@link confirm} was told; never
 * what has merely arrived, since the server forgets everything below the reported position.
 */
export class ReplicationStream {
  /** Settles when the stream has ended: resolves after {@link close}, rejects when it ended by itself. */
  readonly ended: Promise<void>;
  private readonly client: Client;
  private readonly connection: CopyConnection;
  private confirmed: Lsn = 0n;
  private closing = false;
  private paused = false;
  private lastHeard = Date.now();
  private failure: Error | undefined;
  private statusTimer: NodeJS.Timeout | undefined;
  private confirmationTimer: NodeJS.Timeout | undefined;
  private resolveEnded!: () => void;
  private rejectEnded!: (error: Error) => void;

  constructor(private readonly options: ReplicationStreamOptions) {
    const config: ClientConfig & { replication: 'database' } = {
      connectionString: options.databaseUrl,
      replication: 'database',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 10_000,
      application_name: options.applicationName,
      options: `-c wal_sender_timeout=${options.sessionTimeout}`,
    };
    this.client = new Client(config);
    this.connection = this.client.connection as unknown as CopyConnection;
    this.ended = new Promise((resolve, reject) => {
      this.resolveEnded = resolve;
      this.rejectEnded = reject;
    });
    // A stream that fails before anybody waits for its end must not end the process.
    this.ended.catch(() => undefined);
    this.client.on('error', (error) => this.fail(error));
    this.client.on('end', () => this.finish());
  }

  /**
   * Connects and starts from where the slot's confirmed position is; the listener may be called before it
   * resolves. Rejects with pg's DatabaseError, whose `code` tells a slot in use (55006), unusable (55000)
   * or gone (42704).
   */
  async open(): Promise<void> {
    try {
      await this.client.connect();
      await this.start();
    } catch (error) {
      this.closing = true;
      await this.client.end().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Everything below this position is published: the server may forget it. Positions that go back are
   * ignored.
   */
  confirm(position: Lsn): void {
    if (this.closing || position <= this.confirmed) return;
    this.confirmed = position;
    this.confirmationTimer ??= setTimeout(() => this.sendStatus(), CONFIRMATION_DELAY);
  }

  /** Has the server tell soon how far it has read; the listener hears of it as of any keepalive. */
  askForPosition(): void {
    if (!this.closing) this.sendStatus({ ask: true });
  }

  /**
   * Stops reading; the server stops sending as soon as the socket's buffers are full. Status updates go on.
   */
  pause(): void {
    this.paused = true;
    this.connection.stream.pause();
  }

  resume(): void {
    this.paused = false;
    this.lastHeard = Date.now();
    this.connection.stream.resume();
  }

  /** Reports the last confirmation and ends the session. */
  async close(): Promise<void> {
    if (!this.closing) {
      this.closing = true;
      this.connection.removeAllListeners('copyData');
      this.sendStatus();
      this.connection.end();
      // A paused socket would never see its own end.
      this.connection.stream.resume();
    }
    const timer = setTimeout(() => this.connection.stream.destroy(), CLOSE_TIMEOUT);
    await this.ended.catch(() => undefined);
    clearTimeout(timer);
  }

  private start(): Promise<void> {
    const { slot, publication } = this.options;
    // 0/0 means: from the slot's confirmed position.
    const command =
      `START_REPLICATION SLOT ${quoteName(slot)} LOGICAL ${formatLsn(0n)} ` +
      `(proto_version '1', publication_names ${quoteText(quoteName(publication))}, messages 'false')`;
    this.connection.on('copyData', ({ chunk }) => this.receive(chunk));
    return new Promise((resolve, reject) => {
      this.connection.once('replicationStart', () => {
        const interval = Math.min(POSITION_INTERVAL, this.options.sessionTimeout / 3);
        this.statusTimer = setInterval(() => this.onStatusTimer(), interval);
        this.sendStatus({ ask: true });
        resolve();
      });
      this.client.query(command).then(
        () => this.fail(new Error('the server ended the replication stream')),
        (error: Error) => {
          reject(error);
          this.fail(error);
        },
      );
    });
  }

  private receive(chunk: Buffer): void {
    if (this.closing) return;
    this.lastHeard = Date.now();
    try {
      const type = chunk[0];
      if (type === XLOG_DATA) {
        this.options.listener.onMessage(decodePgOutput(chunk.subarray(XLOG_DATA_HEADER)));
      } else if (type === KEEPALIVE) {
        this.options.listener.onKeepalive(chunk.readBigUInt64BE(1));
        if (chunk[17] === 1) this.sendStatus();
      }
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private onStatusTimer(): void {
    // The server answers each time it is asked.
    if (!this.paused && Date.now() - this.lastHeard > 2 * this.options.sessionTimeout)
      this.fail(new Error('the server is silent'));
    else this.sendStatus({ ask: !this.paused });
  }

  private sendStatus({ ask = false } = {}): void {
    clearTimeout(this.confirmationTimer);
    this.confirmationTimer = undefined;
    const status = Buffer.allocUnsafe(34);
    status[0] = STATUS_UPDATE;
    status.writeBigUInt64BE(EVERYTHING, 1);
    status.writeBigUInt64BE(this.confirmed, 9);
    status.writeBigUInt64BE(this.confirmed, 17);
    status.writeBigInt64BE(BigInt(Date.now() - POSTGRES_EPOCH_MILLISECONDS) * 1000n, 25);
    status[33] = ask ? 1 : 0;
    this.connection.sendCopyFromChunk(status);
  }

  private fail(error: Error): void {
    if (this.closing) return;
    this.closing = true;
    this.failure = error;
    this.connection.stream.destroy();
  }

  private finish(): void {
    clearInterval(this.statusTimer);
    clearTimeout(this.confirmationTimer);
    if (!this.closing) this.failure ??= new Error('the connection to the server ended');
    this.closing = true;
    if (this.failure) this.rejectEnded(this.failure);
    else this.resolveEnded();
  }
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
