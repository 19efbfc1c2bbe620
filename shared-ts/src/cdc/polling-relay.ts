import { atMost, sleep } from '../process/backoff';
import { Backlog, PAGE_SIZE, publishPages } from './backlog';
import { Checkpoint, type TransactionId } from './checkpoint';
import { PostgresParking } from './parking';
import { DEFAULT_LIMITS, PublishingPipeline } from './publishing';
import type { Relay, RelayOptions } from './relay';
import { inspectSlot } from './slot';
import { aborted, SupervisedRelay, type Session } from './supervised-relay';
import { TransactionSnapshot } from './transaction-snapshot';

export interface PollingRelayOptions extends RelayOptions {
  /** Milliseconds between two looks at an outbox that had little to publish. */
  readonly pollInterval: number;
  /**
   * The slot that a relay in WAL mode would use: when it is there, nobody reads it, and the server keeps
   * log for it.
   */
  readonly slot: string;
  /** Milliseconds between two looks at how much log that is; 10,000 if left out. */
  readonly retentionInterval?: number;
}

/**
 * The relay that asks the table: for databases without replication rights. On average half an interval
 * slower.
 */
export function createPollingRelay(options: PollingRelayOptions): Relay {
  return new SupervisedRelay(options, (session) => new PollingSession(options, session).run());
}

class PollingSession {
  private readonly over = new AbortController();
  private readonly checkpoint: Checkpoint;
  private readonly pipeline: PublishingPipeline;
  private publishedBelow: TransactionId | undefined;
  private storedBelow: TransactionId | undefined;
  private storedAt = 0;
  private measuredAt = 0;

  constructor(
    private readonly options: PollingRelayOptions,
    private readonly session: Session,
  ) {
    const { publisher, metrics, log, limits = DEFAULT_LIMITS } = options;
    const parking = new PostgresParking(session.pool);
    const onConfirmed = (below: TransactionId): void => void (this.publishedBelow = below);
    this.checkpoint = new Checkpoint(session.leader);
    this.pipeline = new PublishingPipeline({ publisher, parking, limits, metrics, log, onConfirmed });
  }

  async run(): Promise<void> {
    const work = this.work();
    try {
      await Promise.race([work, this.session.lost, aborted(this.session.stopping, this.over.signal)]);
      this.over.abort(new Error('the session is over'));
      await this.finish();
    } finally {
      this.over.abort(new Error('the session is over'));
      this.pipeline.abort();
      await work.catch(() => undefined);
    }
  }

  private async work(): Promise<void> {
    const backlog = new Backlog(this.session.pool);
    await this.warnOfSlot();
    await this.pipeline.prepare();
    const { publishedBelow } = await this.checkpoint.read();
    let seen = TransactionSnapshot.everythingBelow(publishedBelow);
    this.session.enter('polling');
    while (!this.over.signal.aborted) {
      const newer = await backlog.newerThan(seen);
      let count = 0;
      if (newer) {
        count = await publishPages(this.pipeline, backlog.between(seen, newer), newer.endedBelow);
        seen = newer;
      }
      await this.storeNowAndThen();
      await this.measureRetention();
      if (count < PAGE_SIZE) await sleep(this.options.pollInterval, this.over.signal);
    }
  }

  private async storeNowAndThen(): Promise<void> {
    if (Date.now() - this.storedAt >= (this.options.checkpointInterval ?? 1_000)) await this.store();
  }

  /** Only differences with rows in them reach the pipeline, so nothing is written while nothing is published. */
  private async store(): Promise<void> {
    const below = this.publishedBelow;
    if (below === undefined || below === this.storedBelow) return;
    await this.checkpoint.store(below);
    this.storedBelow = below;
    this.storedAt = Date.now();
  }

  private async finish(): Promise<void> {
    if (this.options.publisher.connected) {
      await atMost(this.options.drainTimeout ?? 5_000, this.pipeline.drained());
    }
    await this.store();
  }

  private async measureRetention(): Promise<void> {
    const { slot, metrics, retentionInterval = 10_000 } = this.options;
    if (Date.now() - this.measuredAt < retentionInterval) return;
    this.measuredAt = Date.now();
    const health = await inspectSlot(this.session.pool, slot);
    metrics.retainedWal.set(health.state === 'usable' ? health.retainedBytes : 0);
  }

  private async warnOfSlot(): Promise<void> {
    const { slot, log } = this.options;
    const health = await inspectSlot(this.session.pool, slot);
    if (health.state === 'missing') return;
    log.warn(
      { slot, health },
      'the slot of the WAL mode is left: the server retains log for it until that mode runs or it is dropped',
    );
  }
}
