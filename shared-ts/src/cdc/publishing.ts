import { PublishError, type Publisher } from '../messaging/broker';
import { backoff, type Backoff } from '../process/backoff';
import { ConfirmationLedger, type LedgerEntry } from './confirmation';
import type { RelayMetrics } from './metrics';
import { toBrokerMessage, UnpublishableRow, type OutboxRecord } from './outbox-record';
import type { Parking } from './parking';
import type { RelayLog } from './relay';

/** How much may be read and not yet published, before the source is asked to wait. */
export interface PipelineLimits {
  readonly messages: number;
  /** Of payloads and headers. */
  readonly bytes: number;
}

export const DEFAULT_LIMITS: PipelineLimits = { messages: 1_000, bytes: 16 * 1024 * 1024 };

/** Part of the source that is confirmed as one: a transaction of the log, a window of the table. */
export type Batch = LedgerEntry<bigint>;

export interface PipelineOptions {
  readonly publisher: Publisher;
  readonly parking: Parking;
  readonly limits: PipelineLimits;
  readonly metrics: RelayMetrics;
  readonly log: RelayLog;
  /** Everything up to this position is published or parked. Called synchronously, with growing positions. */
  readonly onConfirmed: (position: bigint) => void;
}

/** The messages of one partition key; the first is being published, the others wait for it. */
interface Lane {
  readonly key: string;
  readonly waiting: Item[];
  retries: Backoff | undefined;
}

interface Item {
  readonly record: OutboxRecord;
  readonly batch: Batch;
  readonly bytes: number;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** The session that a pipeline served has ended. */
export class PipelineAborted extends Error {
  override readonly name = 'PipelineAborted';
}

/**
 * At most one warning about failing publications in this many milliseconds: an outage fails thousands at
 * once.
 */
const WARNING_INTERVAL = 5_000;

/**
 * From a source to the broker: one message of a partition key at a time, many keys side by side. A failing
 * publication is tried again for ever, and its key waits; an impossible one is parked with the later
 * messages of its key. A message goes out in the call that adds it, when its key is free.
 *
 * One pipeline serves one session with the source; {@link abort} ends it.
 */
export class PublishingPipeline {
  private readonly ledger: ConfirmationLedger<bigint>;
  private readonly lanes = new Map<string, Lane>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private parkedFrom = new Map<string, bigint>();
  private messages = 0;
  private bytes = 0;
  private aborted = false;
  private publishedCount = 0;
  private lastWarning = 0;
  private roomWaiters: Waiter[] = [];
  private drainWaiters: Waiter[] = [];

  constructor(private readonly options: PipelineOptions) {
    this.ledger = new ConfirmationLedger((position) => {
      if (!this.aborted) options.onConfirmed(position);
    });
  }

  /** Reads which keys are parked; to be called before the first message. */
  async prepare(): Promise<void> {
    this.parkedFrom = await this.options.parking.load();
  }

  /** True when the source should wait for {@link room}. */
  get full(): boolean {
    return this.messages >= this.options.limits.messages || this.bytes >= this.options.limits.bytes;
  }

  /** Messages that are published so far. */
  get published(): number {
    return this.publishedCount;
  }

  /** Starts a batch. */
  begin(): Batch {
    return this.ledger.open();
  }

  /**
   * Takes a message over. Never refuses: {@link full} says when to stop, so that a chunk that was read can
   * be worked off.
   */
  add(batch: Batch, record: OutboxRecord): void {
    const item = { record, batch, bytes: record.payload.length + record.headers.length };
    this.ledger.add(batch);
    this.messages++;
    this.bytes += item.bytes;
    this.options.metrics.inFlight.set(this.messages);
    const lane = this.lanes.get(record.partitionKey);
    if (lane) {
      lane.waiting.push(item);
    } else {
      const free: Lane = { key: record.partitionKey, waiting: [], retries: undefined };
      this.lanes.set(free.key, free);
      this.publish(free, item);
    }
  }

  /** The batch is complete; its position is confirmed when all before it and in it is published. */
  end(batch: Batch, position: bigint): void {
    this.ledger.close(batch, position);
  }

  /** A position up to which the source holds nothing but what was added; not to be called within a batch. */
  pass(position: bigint): void {
    this.ledger.pass(position);
  }

  /** Resolves when it is not full, or half of the limits is free again; rejects when it is aborted. */
  async room(): Promise<void> {
    this.throwIfAborted();
    if (this.full) await new Promise<void>((resolve, reject) => this.roomWaiters.push({ resolve, reject }));
  }

  /** Resolves when nothing is in flight; rejects when it is aborted. */
  async drained(): Promise<void> {
    this.throwIfAborted();
    if (this.messages > 0)
      await new Promise<void>((resolve, reject) => this.drainWaiters.push({ resolve, reject }));
  }

  /** Stops publishing; what is under way ends without a confirmation and will be read again. */
  abort(): void {
    this.aborted = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.lanes.clear();
    this.options.metrics.inFlight.set(0);
    for (const waiter of [...this.roomWaiters, ...this.drainWaiters]) waiter.reject(new PipelineAborted());
  }

  private throwIfAborted(): void {
    if (this.aborted) throw new PipelineAborted();
  }

  private publish(lane: Lane, item: Item): void {
    if (this.isParked(item.record)) {
      this.parkBehind(lane, item);
      return;
    }
    try {
      this.options.publisher.publish(toBrokerMessage(item.record)).then(
        () => this.onPublished(lane, item),
        (error: unknown) => this.onFailed(lane, item, error),
      );
    } catch (error) {
      this.onFailed(lane, item, error);
    }
  }

  private onPublished(lane: Lane, item: Item): void {
    if (this.aborted) return;
    this.publishedCount++;
    this.options.metrics.published.inc();
    this.options.metrics.lag.observe(Math.max(0, now() - item.record.since) / 1000);
    this.settle(lane, item);
  }

  private onFailed(lane: Lane, item: Item, error: unknown): void {
    if (this.aborted) return;
    if (isPermanent(error)) {
      this.park(lane, item, error);
      return;
    }
    this.options.metrics.retries.inc();
    this.retryLater(lane, error, () => this.publish(lane, item));
  }

  private isParked(record: OutboxRecord): boolean {
    const from = this.parkedFrom.get(record.partitionKey);
    return from !== undefined && from <= BigInt(record.position);
  }

  private park(lane: Lane, item: Item, error: Error): void {
    const { record } = item;
    this.options.parking.park(record, error.message).then(
      () => {
        const fields = {
          messageId: record.id,
          partitionKey: record.partitionKey,
          channel: record.channel,
          err: error,
        };
        this.options.log.error(
          fields,
          'message parked: it can not be published; later ones of its key follow it',
        );
        this.parkedFrom.set(record.partitionKey, BigInt(record.position));
        this.onParked(lane, item);
      },
      (failure: unknown) => this.retryLater(lane, failure, () => this.park(lane, item, error)),
    );
  }

  private parkBehind(lane: Lane, item: Item): void {
    this.options.parking.parkBehind(item.record).then(
      (parked) => {
        if (parked) {
          this.onParked(lane, item);
        } else {
          this.parkedFrom.delete(lane.key);
          if (!this.aborted) this.publish(lane, item);
        }
      },
      (failure: unknown) => this.retryLater(lane, failure, () => this.parkBehind(lane, item)),
    );
  }

  private onParked(lane: Lane, item: Item): void {
    if (this.aborted) return;
    this.options.metrics.parked.inc();
    this.settle(lane, item);
  }

  private retryLater(lane: Lane, error: unknown, attempt: () => void): void {
    if (this.aborted) return;
    this.warn(error);
    lane.retries ??= backoff({ initial: 50, max: 5_000 });
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      attempt();
    }, lane.retries.next());
    this.timers.add(timer);
  }

  private warn(error: unknown): void {
    const time = Date.now();
    if (time - this.lastWarning < WARNING_INTERVAL) return;
    this.lastWarning = time;
    this.options.log.warn({ err: error, inFlight: this.messages }, 'publishing fails, trying again');
  }

  private settle(lane: Lane, item: Item): void {
    this.messages--;
    this.bytes -= item.bytes;
    this.options.metrics.inFlight.set(this.messages);
    this.ledger.settle(item.batch);
    lane.retries = undefined;
    const next = lane.waiting.shift();
    if (next) this.publish(lane, next);
    else this.lanes.delete(lane.key);
    if (this.roomWaiters.length > 0 && this.hasRoom()) this.roomWaiters = wake(this.roomWaiters);
    if (this.messages === 0 && this.drainWaiters.length > 0) this.drainWaiters = wake(this.drainWaiters);
  }

  private hasRoom(): boolean {
    const { limits } = this.options;
    return this.messages <= limits.messages / 2 && this.bytes <= limits.bytes / 2;
  }
}

function isPermanent(error: unknown): error is Error {
  if (error instanceof PublishError) return error.permanent;
  return error instanceof UnpublishableRow;
}

function wake(waiters: Waiter[]): Waiter[] {
  for (const waiter of waiters) waiter.resolve();
  return [];
}

/** Date.now() with microseconds: lags are a few milliseconds. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
