import type { Queryable } from './leadership';
import { parseLsn, type Lsn } from './lsn';

/** A 64-bit transaction id (xid8), epoch included: it never wraps. */
export type TransactionId = bigint;

/** The one row: both modes of a database's relay continue where the other left off. */
const RELAY = 'outbox';

export interface CheckpointState {
  /** Every transaction below it is published or parked. 0 when nothing is known. */
  readonly publishedBelow: TransactionId;
  /**
   * True when the outbox's rows from publishedBelow on must be published before the log is read: its slot
   * is new.
   */
  readonly backlogDue: boolean;
}

/**
 * How far the relay came, in the relay_checkpoint row. It is what saves the rows from before a slot that
 * was lost. Written through the leader's session: one that was deposed while it hung writes nothing.
 */
export class Checkpoint {
  constructor(private readonly session: Queryable) {}

  /** A checkpoint from the future, as after restoring a dump into a new cluster, counts as none. */
  async read(): Promise<CheckpointState> {
    const { rows } = await this.session.query<{ published_below: string; backlog_due: boolean }>(
      `SELECT published_below::text, backlog_due FROM relay_checkpoint
       WHERE relay = $1 AND published_below <= pg_snapshot_xmax(pg_current_snapshot())`,
      [RELAY],
    );
    const row = rows[0];
    if (!row) return { publishedBelow: 0n, backlogDue: true };
    return { publishedBelow: BigInt(row.published_below), backlogDue: row.backlog_due };
  }

  /**
   * To be called before a slot is created: from then until {@link backlogPublished} the slot alone does not
   * cover all rows, also when the relay dies between the two.
   */
  async markBacklogDue(): Promise<void> {
    await this.session.query(
      `INSERT INTO relay_checkpoint (relay, published_below, backlog_due) VALUES ($1, '0', true)
       ON CONFLICT (relay) DO UPDATE SET backlog_due = true, updated_at = now()`,
      [RELAY],
    );
  }

  /** The slot covers all that is not published. */
  async backlogPublished(publishedBelow: TransactionId): Promise<void> {
    await this.write(publishedBelow, 'backlog_due = false,');
  }

  /** Every transaction below is published. */
  async store(publishedBelow: TransactionId): Promise<void> {
    await this.write(publishedBelow, '');
  }

  private async write(publishedBelow: TransactionId, also: string): Promise<void> {
    await this.session.query(
      `INSERT INTO relay_checkpoint (relay, published_below) VALUES ($1, $2)
       ON CONFLICT (relay) DO UPDATE SET ${also} published_below = excluded.published_below, updated_at = now()`,
      [RELAY, publishedBelow.toString()],
    );
  }
}

/** Transactions below one id have ended before one position of the log. */
interface Mark {
  readonly below: TransactionId;
  readonly lsn: Lsn;
}

/**
 * Translates confirmed log positions into checkpoints. The log tells no 64-bit transaction ids, so the
 * server is asked now and then for both at once: `below` first, by the statement's snapshot, then the
 * position; once that position is confirmed, so are the transactions. Writes nothing while nothing is
 * published, or each checkpoint would be the log traffic that calls for the next.
 */
export class LogCheckpointer {
  private confirmed: Lsn = 0n;
  private mark: Mark | undefined;
  private publishedAtMark = 0;
  private waiter: { readonly lsn: Lsn; readonly resolve: () => void } | undefined;

  constructor(
    private readonly session: Queryable,
    private readonly checkpoint: Checkpoint,
  ) {}

  /** Takes note of a position up to which all is published. */
  onConfirmed(lsn: Lsn): void {
    this.confirmed = lsn;
    if (this.waiter && lsn >= this.waiter.lsn) this.waiter.resolve();
  }

  /** To be called now and then. @param published how many messages were published so far */
  async tick(published: number): Promise<void> {
    if (this.mark && this.confirmed >= this.mark.lsn) {
      await this.checkpoint.store(this.mark.below);
      this.mark = undefined;
    }
    if (!this.mark && published > this.publishedAtMark) {
      this.publishedAtMark = published;
      this.mark = await this.takeMark();
    }
  }

  /** A last checkpoint at this moment, if the log confirms it within some milliseconds. */
  async finish(published: number, timeout: number): Promise<void> {
    if (published <= this.publishedAtMark && !this.mark) return;
    const mark = await this.takeMark();
    if (await this.reaches(mark.lsn, timeout)) await this.checkpoint.store(mark.below);
    else await this.tick(this.publishedAtMark);
  }

  private async takeMark(): Promise<Mark> {
    const { rows } = await this.session.query<{ below: string; lsn: string }>(
      `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS below, pg_current_wal_insert_lsn()::text AS lsn`,
    );
    const row = rows[0];
    if (!row) throw new Error('no snapshot');
    return { below: BigInt(row.below), lsn: parseLsn(row.lsn) };
  }

  private async reaches(lsn: Lsn, timeout: number): Promise<boolean> {
    if (this.confirmed < lsn) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeout);
        this.waiter = {
          lsn,
          resolve: () => {
            clearTimeout(timer);
            resolve();
          },
        };
      });
    }
    return this.confirmed >= lsn;
  }
}
