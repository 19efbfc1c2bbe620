import { backoff, sleep } from '../process/backoff';
import type { Source } from './log-reader';
import type { Lsn } from './lsn';
import type { PgOutputMessage } from './pgoutput';
import type { ReplicationListener } from './replication-stream';
import type { TransactionSnapshot } from './transaction-snapshot';

/** So many looks in vain follow each other at once: who commits needs a processor for some microseconds more, and gets one while the answer is waited for. */
const LOOKS_AT_ONCE = 3;

/** So many messages are held before the source is asked to wait. */
const HOLD_LIMIT = 1_000;

/**
 * Passes a transaction on when its rows can be seen. The log has a commit before other connections see its rows; usually by microseconds, but a busy
 * machine makes it milliseconds, and a synchronous standby any time. A message that was published then could come back to its own service before the service
 * sees what it wrote (a reply to a saga that is not there yet), or its cause be lost in a failover. One look serves all transactions that wait for it.
 */
export class VisibilityGate implements ReplicationListener {
  /** Of the last look; before the first, nothing is seen. */
  private snapshot: Pick<TransactionSnapshot, 'sees'> = { sees: () => false };
  private held: Held[] = [];
  private paused = false;
  /** Rejects when the database can't be asked; never resolves. */
  readonly failed: Promise<never>;
  private fail!: (error: unknown) => void;

  constructor(
    private readonly next: ReplicationListener,
    private readonly source: Source,
    private readonly look: () => Promise<TransactionSnapshot>,
    private readonly over: AbortSignal,
  ) {
    this.failed = new Promise((_, reject) => {
      this.fail = reject;
    });
    // The session may end for another reason first.
    this.failed.catch(() => undefined);
  }

  onMessage(message: PgOutputMessage): void {
    if (this.held.length > 0) this.hold(message);
    else if (message.kind !== 'begin' || this.snapshot.sees(message.xid)) this.next.onMessage(message);
    else {
      this.hold(message);
      this.open().catch(this.fail);
    }
  }

  onKeepalive(position: Lsn): void {
    if (this.held.length === 0) this.next.onKeepalive(position);
    else this.held.push({ position });
  }

  private hold(message: PgOutputMessage): void {
    this.held.push(message);
    if (this.held.length < HOLD_LIMIT || this.paused) return;
    this.paused = true;
    this.source.pause();
  }

  /** Looks until everything that is held has passed. */
  private async open(): Promise<void> {
    const pauses = backoff({ initial: 1, max: 50 });
    let inVain = 0;
    for (;;) {
      this.snapshot = await this.look();
      if (this.over.aborted) return;
      const passed = this.passHeld();
      if (this.held.length === 0) break;
      if (passed) {
        inVain = 0;
        pauses.reset();
      } else {
        inVain += 1;
        if (inVain >= LOOKS_AT_ONCE) await sleep(pauses.next(), this.over);
      }
    }
    if (!this.paused) return;
    this.paused = false;
    this.source.resume();
  }

  /** @returns whether anything has passed */
  private passHeld(): boolean {
    const waits = this.held.findIndex(
      (each) => 'kind' in each && each.kind === 'begin' && !this.snapshot.sees(each.xid),
    );
    const free = waits < 0 ? this.held : this.held.slice(0, waits);
    this.held = waits < 0 ? [] : this.held.slice(waits);
    for (const each of free) {
      if ('kind' in each) this.next.onMessage(each);
      else this.next.onKeepalive(each.position);
    }
    return free.length > 0;
  }
}

/** A message of the log, or a keepalive among them. */
type Held = PgOutputMessage | { readonly position: Lsn };
