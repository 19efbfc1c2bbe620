import { sqlState } from '../postgres/errors';
import { atMost, sleep } from '../process/backoff';
import { Backlog, publishPages } from './backlog';
import { Checkpoint, LogCheckpointer, type TransactionId } from './checkpoint';
import { LogReader, SharedSource } from './log-reader';
import type { Lsn } from './lsn';
import { PostgresParking } from './parking';
import { DEFAULT_LIMITS, PublishingPipeline } from './publishing';
import { SESSION_TIMEOUT, type Relay, type RelayOptions } from './relay';
import { ReplicationStream } from './replication-stream';
import { createSlot, dropSlot, inspectSlot, SLOT_IN_USE } from './slot';
import { SnapshotReader } from './snapshot-reader';
import { aborted, SupervisedRelay, type Session } from './supervised-relay';
import { TransactionSnapshot } from './transaction-snapshot';
import { VisibilityGate } from './visibility-gate';

export interface WalRelayOptions extends RelayOptions {
  /** The replication slot; created when it is missing. */
  readonly slot: string;
  /** Name of the publication if it is not `ftgo_outbox`. */
  readonly publication?: string;
}

/**
 * Milliseconds between two looks at a slot that another connection still holds, and at transactions that
 * still run.
 */
const WAIT_PAUSE = 200;
/** How long a stop waits for the log to confirm the last checkpoint, in milliseconds. */
const LAST_CHECKPOINT_TIMEOUT = 1_000;
/** How often the server is asked for its position meanwhile, in milliseconds. */
const LAST_POSITION_INTERVAL = 20;

/**
 * The relay that tails the write-ahead log: a commit reaches the broker without waiting for a poll. Needs a role with
 * REPLICATION.
 */
export function createWalRelay(options: WalRelayOptions): Relay {
  return new SupervisedRelay(options, (session) => new WalSession(options, session).run());
}

class WalSession {
  private readonly over = new AbortController();
  private readonly checkpoint: Checkpoint;
  private readonly checkpointer: LogCheckpointer;
  private readonly pipelines: PublishingPipeline[] = [];
  private stream: ReplicationStream | undefined;
  private reader: LogReader | undefined;
  private snapshots: SnapshotReader | undefined;

  constructor(
    private readonly options: WalRelayOptions,
    private readonly session: Session,
  ) {
    this.checkpoint = new Checkpoint(session.leader);
    this.checkpointer = new LogCheckpointer(session.leader, this.checkpoint);
  }

  async run(): Promise<void> {
    const work = this.work();
    try {
      await Promise.race([work, this.session.lost, aborted(this.session.stopping, this.over.signal)]);
      await this.finish();
    } finally {
      this.over.abort(new Error('the session is over'));
      for (const pipeline of this.pipelines) pipeline.abort();
      await this.stream?.close();
      // What still waits for the server, e.g. the creation of a slot, must not hold up a stop.
      await atMost(this.options.drainTimeout ?? 5_000, work);
      this.snapshots?.close();
    }
  }

  private async work(): Promise<void> {
    // First, since without an outbox a slot would be of no use.
    await this.checkpoint.read();
    await this.makeSlotUsable();
    const { publishedBelow, backlogDue } = await this.checkpoint.read();
    if (backlogDue) await this.publishBacklog(publishedBelow);
    const pipeline = await this.openPipeline((position) => this.onConfirmed(position));
    const { stream, gate } = await this.openStream(pipeline);
    this.session.enter('streaming');
    await Promise.all([stream.ended, gate.failed, this.keepCheckpoints(pipeline)]);
  }

  private async makeSlotUsable(): Promise<void> {
    const { pool } = this.session;
    const { slot, log } = this.options;
    const health = await inspectSlot(pool, slot);
    if (health.state === 'usable') return;
    if (health.state === 'lost') {
      log.error({ slot, reason: health.reason }, 'the replication slot is unusable, making a new one');
      await dropSlot(pool, slot);
    }
    this.session.enter('catching-up', `creating the replication slot ${slot}`);
    // In this order: whoever finds the slot knows that rows from before it may be unpublished.
    await this.checkpoint.markBacklogDue();
    await createSlot(pool, slot);
    log.info({ slot }, 'replication slot created');
  }

  /**
   * Publishes what the slot does not cover: all rows of transactions that had begun when it was there.
   * Those that were still running commit into the log too and are published twice; a gap is worse.
   */
  private async publishBacklog(from: TransactionId): Promise<void> {
    this.session.enter('catching-up', 'publishing what the outbox holds from before the replication slot');
    const backlog = new Backlog(this.session.pool);
    const pipeline = await this.openPipeline(() => undefined);
    const { begunBelow } = await backlog.snapshot();
    let seen = TransactionSnapshot.everythingBelow(from);
    let count = 0;
    while (seen.endedBelow < begunBelow) {
      const newer = await backlog.snapshot();
      count += await publishPages(pipeline, backlog.between(seen, newer), newer.endedBelow);
      seen = newer;
      if (seen.endedBelow < begunBelow) await sleep(WAIT_PAUSE, this.over.signal);
    }
    await pipeline.drained();
    await this.checkpoint.backlogPublished(seen.endedBelow);
    this.options.log.info({ count }, 'backlog published');
  }

  private async openPipeline(onConfirmed: (position: bigint) => void): Promise<PublishingPipeline> {
    const { publisher, metrics, log, limits = DEFAULT_LIMITS } = this.options;
    const parking = new PostgresParking(this.session.pool);
    const pipeline = new PublishingPipeline({ publisher, parking, limits, metrics, log, onConfirmed });
    this.pipelines.push(pipeline);
    await pipeline.prepare();
    return pipeline;
  }

  private async openStream(
    pipeline: PublishingPipeline,
  ): Promise<{ stream: ReplicationStream; gate: VisibilityGate }> {
    for (;;) {
      this.over.signal.throwIfAborted();
      const source = new SharedSource({
        pause: () => this.stream?.pause(),
        resume: () => this.stream?.resume(),
      });
      this.reader = new LogReader(pipeline, source);
      const snapshots = await this.openSnapshots();
      const gate = new VisibilityGate(this.reader, source, () => snapshots.read(), this.over.signal);
      this.stream = new ReplicationStream({
        databaseUrl: this.options.databaseUrl,
        slot: this.options.slot,
        publication: this.options.publication ?? 'ftgo_outbox',
        applicationName: this.options.relayId,
        sessionTimeout: this.options.sessionTimeout ?? SESSION_TIMEOUT,
        listener: gate,
      });
      try {
        await this.stream.open();
        return { stream: this.stream, gate };
      } catch (error) {
        if (sqlState(error) !== SLOT_IN_USE) throw error;
        // The server has not noticed yet that the last leader is gone.
        this.session.enter('standby', `standby: replication slot ${this.options.slot} is in use`);
        await sleep(WAIT_PAUSE, this.over.signal);
      }
    }
  }

  /** On a connection of their own. */
  private async openSnapshots(): Promise<SnapshotReader> {
    if (this.snapshots === undefined) {
      const client = await this.session.pool.connect();
      // The session may have ended while the server was waited for: nobody else would give it back.
      if (this.over.signal.aborted) client.release(true);
      this.over.signal.throwIfAborted();
      this.snapshots = new SnapshotReader(client);
    }
    return this.snapshots;
  }

  private onConfirmed(position: Lsn): void {
    this.stream?.confirm(position);
    this.checkpointer.onConfirmed(position);
  }

  private async keepCheckpoints(pipeline: PublishingPipeline): Promise<never> {
    const { checkpointInterval = 10_000, log } = this.options;
    for (;;) {
      try {
        await this.checkpointer.tick(pipeline.published);
        await this.measureRetention();
      } catch (error) {
        log.warn({ err: error }, 'the checkpoint was not written');
      }
      await sleep(checkpointInterval, this.over.signal);
    }
  }

  private async measureRetention(): Promise<void> {
    const health = await inspectSlot(this.session.pool, this.options.slot);
    if (health.state === 'usable') this.options.metrics.retainedWal.set(health.retainedBytes);
  }

  /** The orderly end: checkpoint, then no new messages, then the acknowledgements of those that are out. */
  private async finish(): Promise<void> {
    const pipeline = this.pipelines.at(-1);
    if (!pipeline || !this.reader || !this.options.publisher.connected) return;
    const asking = setInterval(() => this.stream?.askForPosition(), LAST_POSITION_INTERVAL);
    await this.checkpointer.finish(pipeline.published, LAST_CHECKPOINT_TIMEOUT).catch(() => undefined);
    clearInterval(asking);
    this.reader.stop();
    await atMost(this.options.drainTimeout ?? 5_000, pipeline.drained());
  }
}
