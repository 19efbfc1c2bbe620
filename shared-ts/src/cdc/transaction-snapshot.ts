import type { TransactionId } from './checkpoint';

/** The first id that a transaction gets: 0 and what comes before this are not allowed in a pg_snapshot. */
const FIRST_NORMAL_ID = 3n;

/** Which transactions' rows can be seen at a moment, as PostgreSQL's `pg_snapshot` tells it. */
export class TransactionSnapshot {
  private constructor(
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
    return new TransactionSnapshot(BigInt(endedBelow), BigInt(begunBelow), new Set(ids));
  }

  /** @param binary a pg_snapshot as `pg_snapshot_send` writes it: how many are running, the two bounds, and the ids of those */
  static decode(binary: Buffer): TransactionSnapshot {
    const count = binary.readInt32BE(0);
    const idAt = (index: number): TransactionId => binary.readBigInt64BE(4 + 8 * index);
    const running = new Set<TransactionId>();
    for (let index = 0; index < count; index++) running.add(idAt(2 + index));
    return new TransactionSnapshot(idAt(0), idAt(1), running);
  }

  /** The snapshot that sees all transactions below an id, and no other. */
  static everythingBelow(id: TransactionId): TransactionSnapshot {
    const bound = id < FIRST_NORMAL_ID ? FIRST_NORMAL_ID : id;
    return new TransactionSnapshot(bound, bound, new Set());
  }

  /** As a pg_snapshot: `xmin:xmax:` and the ids between the two that are still running, with commas between them. */
  get text(): string {
    return `${this.endedBelow}:${this.begunBelow}:${[...this.running].join(',')}`;
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
