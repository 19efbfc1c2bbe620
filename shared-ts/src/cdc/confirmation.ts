/** A unit of confirmation: usually a transaction. Made by {@link ConfirmationLedger.open}. */
export interface LedgerEntry<Position> {
  outstanding: number;
  /** Undefined until all of it has been received. */
  position: Position | undefined;
  older: LedgerEntry<Position> | undefined;
  newer: LedgerEntry<Position> | undefined;
}

/**
 * Knows which positions may be confirmed: only the longest prefix of entries that are wholly received and
 * of which nothing is outstanding. Confirming what merely arrived loses messages at the next crash.
 *
 * Holds at most about two entries for each outstanding message: neighbours that are done are merged, so
 * that one stuck message does not make memory grow with everything that passes it.
 */
export class ConfirmationLedger<Position> {
  private oldest: LedgerEntry<Position> | undefined;
  private newest: LedgerEntry<Position> | undefined;
  private count = 0;

  /**
   * @param onConfirmed called with the position of the newest entry of the finished prefix, each time it
   *   grows
   */
  constructor(private readonly onConfirmed: (position: Position) => void) {}

  /** Entries that are not confirmed yet. */
  get size(): number {
    return this.count;
  }

  /** Starts an entry behind all others. */
  open(): LedgerEntry<Position> {
    const entry: LedgerEntry<Position> = {
      outstanding: 0,
      position: undefined,
      older: this.newest,
      newer: undefined,
    };
    if (this.newest) this.newest.newer = entry;
    else this.oldest = entry;
    this.newest = entry;
    this.count++;
    return entry;
  }

  /** One more message of this entry is to be settled. */
  add(entry: LedgerEntry<Position>): void {
    entry.outstanding++;
  }

  /** One message of this entry is published, or parked. */
  settle(entry: LedgerEntry<Position>): void {
    entry.outstanding--;
    this.advance(entry);
  }

  /** All of the entry has been received; once all is settled, this position may be confirmed. */
  close(entry: LedgerEntry<Position>, position: Position): void {
    entry.position = position;
    this.advance(entry);
  }

  /** A position with nothing to publish before it but what is in the ledger: a keepalive's. */
  pass(position: Position): void {
    const newest = this.newest;
    if (newest && isDone(newest)) newest.position = position;
    else if (newest) this.close(this.open(), position);
    else this.onConfirmed(position);
  }

  private advance(entry: LedgerEntry<Position>): void {
    if (!isDone(entry)) return;
    if (entry.older) {
      this.mergeWithNeighbours(entry);
      return;
    }
    let confirmed: Position | undefined;
    while (this.oldest && isDone(this.oldest)) {
      confirmed = this.oldest.position;
      this.remove(this.oldest);
    }
    if (confirmed !== undefined) this.onConfirmed(confirmed);
  }

  /** Of done neighbours only the newest is needed: its position covers the others. */
  private mergeWithNeighbours(entry: LedgerEntry<Position>): void {
    let done = entry;
    if (entry.newer && isDone(entry.newer)) {
      this.remove(entry);
      done = entry.newer;
    }
    if (done.older && isDone(done.older)) this.remove(done.older);
  }

  private remove(entry: LedgerEntry<Position>): void {
    if (entry.older) entry.older.newer = entry.newer;
    else this.oldest = entry.newer;
    if (entry.newer) entry.newer.older = entry.older;
    else this.newest = entry.older;
    this.count--;
  }
}

function isDone<Position>(entry: LedgerEntry<Position>): boolean {
  return entry.outstanding === 0 && entry.position !== undefined;
}
