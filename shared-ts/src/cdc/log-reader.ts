import type { Lsn } from './lsn';
import { OutboxRecordReader } from './outbox-record';
import type { PgOutputMessage, RelationMessage } from './pgoutput';
import type { Batch, PublishingPipeline } from './publishing';
import type { ReplicationListener } from './replication-stream';

/** The table that is published. */
const OUTBOX_TABLE = 'outbox';

/** What the reader slows down when the pipeline is full. */
export interface Source {
  pause(): void;
  resume(): void;
}

/** A source that more than one asks to wait: it goes on when nobody asks any more. */
export class SharedSource implements Source {
  private waits = 0;

  constructor(private readonly source: Source) {}

  pause(): void {
    if (this.waits++ === 0) this.source.pause();
  }

  resume(): void {
    if (--this.waits === 0) this.source.resume();
  }
}

/** From the log's messages to the pipeline: a batch per transaction, published row by row as they come in. */
export class LogReader implements ReplicationListener {
  private readonly readers = new Map<number, OutboxRecordReader>();
  private batch: Batch | undefined;
  private committedAt = 0;
  private paused = false;
  private stopped = false;

  constructor(
    private readonly pipeline: PublishingPipeline,
    private readonly source: Source,
  ) {}

  /**
   * Takes nothing more. A transaction that is half received stays unconfirmed and is sent again to the next
   * reader.
   */
  stop(): void {
    this.stopped = true;
  }

  onMessage(message: PgOutputMessage): void {
    if (this.stopped) return;
    switch (message.kind) {
      case 'insert':
        this.onInsert(message);
        return;
      case 'begin':
        this.batch = this.pipeline.begin();
        this.committedAt = message.committedAt;
        return;
      case 'commit':
        this.pipeline.end(this.openBatch(), message.endLsn);
        this.batch = undefined;
        return;
      case 'relation':
        this.onRelation(message);
        return;
      case 'skipped':
        return;
    }
  }

  onKeepalive(position: Lsn): void {
    // Within a transaction a keepalive promises nothing about what is still to come of it.
    if (!this.batch && !this.stopped) this.pipeline.pass(position);
  }

  private onRelation(relation: RelationMessage): void {
    if (relation.name === OUTBOX_TABLE)
      this.readers.set(relation.relationId, new OutboxRecordReader(relation));
    else this.readers.delete(relation.relationId);
  }

  private onInsert(message: Extract<PgOutputMessage, { kind: 'insert' }>): void {
    const reader = this.readers.get(message.relationId);
    if (!reader) return;
    this.pipeline.add(this.openBatch(), reader.read(message, this.committedAt));
    if (this.pipeline.full && !this.paused) this.waitForRoom();
  }

  private waitForRoom(): void {
    this.paused = true;
    this.source.pause();
    this.pipeline.room().then(
      () => {
        this.paused = false;
        this.source.resume();
      },
      // The pipeline was aborted, and the source is being closed.
      () => undefined,
    );
  }

  private openBatch(): Batch {
    if (!this.batch) throw new Error('the log sent a row or a commit outside of a transaction');
    return this.batch;
  }
}
