import type { TransactionId } from './checkpoint';

/** The first id that a transaction gets: 0 and what comes before this are not allowed in a pg_snapshot. */
const FIRST_NORMAL_ID = 3n;

/** Which transactions' rows can be seen at a moment, as PostgreSQL's `pg_snapshot` tells it. */
export class TransactionSnapshot {
  private constructor(
    /** As a pg_snapshot: `xmin:xmax:` and the ids between the two that are still running, with commas between them. */
    readonly text: string,
    /** All transactions below have ended. */
    readonly endedBelow: TransactionId,
    /** No transaction from here on has begun. */
    readonly begunBelow: TransactionId,
    private readonly running: ReadonlySet<TransactionId>,
  ) {}

  /**
   * @param text a pg_snapshot
   * @throws Error when it is none
   */
  static parse(text: string): TransactionSnapshot {
    const [endedBelow, begunBelow, running] = text.split(':');
    if (endedBelow === undefined || begunBelow === undefined || running === undefined)
      throw new Error(`no snapshot: ${text}`);
    const ids = running === '' ? [] : running.split(',').map(BigInt);
    return new TransactionSnapshot(text, BigInt(endedBelow), BigInt(begunBelow), new Set(ids));
  }

  /** The snapshot that sees all transactions below an id, and no other. */
  static everythingBelow(id: TransactionId): TransactionSnapshot {
    const bound = id < FIRST_NORMAL_ID ? FIRST_NORMAL_ID : id;
    return new TransactionSnapshot(`${bound}:${bound}:`, bound, bound, new Set());
  }

  /** @param xid 32 bits, as the log has them: a transaction that has committed and is less than 2^31 others old */
  sees(xid: number): boolean {
    const id = this.widen(xid);
    return id < this.endedBelow || (id < this.begunBelow && !this.running.has(id));
  }

  /** The 64-bit id nearest to the snapshot's newest. */
  private widen(xid: number): TransactionId {
    return this.begunBelow + BigInt.asIntN(32, BigInt(xid) - this.begunBelow);
  }
}
