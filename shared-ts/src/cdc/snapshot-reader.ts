import type { Duplex } from 'node:stream';
import type { PoolClient } from 'pg';
import { silentServer } from '../postgres/errors';
import { PATIENCE } from '../postgres/session';
import { TransactionSnapshot } from './transaction-snapshot';

/** What is used of the driver's client below its interface. */
interface Wire {
  readonly connection: { readonly stream: Duplex & { setTimeout(ms: number): void } };
}

/** The function's id in pg_proc: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/catalog/pg_proc.dat */
const PG_CURRENT_SNAPSHOT = 5061;
/** A message's type and its length, which counts itself but not the type. */
const HEAD = 5;
const BINARY = 1;

const FUNCTION_CALL = 'F'.charCodeAt(0);
const FUNCTION_CALL_RESPONSE = 'V'.charCodeAt(0);
const ERROR_RESPONSE = 'E'.charCodeAt(0);

/** The call without arguments (and so without their formats), its answer in the type's own binary format. */
const CALL = Buffer.alloc(HEAD + 10);
CALL[0] = FUNCTION_CALL;
CALL.writeInt32BE(CALL.length - 1, 1);
CALL.writeInt32BE(PG_CURRENT_SNAPSHOT, HEAD);
CALL.writeInt16BE(BINARY, HEAD + 8);

interface Waiter {
  resolve(snapshot: TransactionSnapshot): void;
  reject(error: Error): void;
}

/**
 * Reads the snapshot of this moment, again and again. Every message waits for such a look, and a statement for it would take the server and us twice as long as a call of the
 * function: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-FUNCTION-CALL
 *
 * The driver does not know the call's answer. So a connection that is looked through is good for nothing else, and is closed with the reader.
 */
export class SnapshotReader {
  private readonly stream: Wire['connection']['stream'];
  private received: Buffer = Buffer.alloc(0);
  private waiter: Waiter | undefined;
  private failure: Error | undefined;

  /**
   * @param client which nothing was asked that is not answered; the reader's own from now on
   * @param patience milliseconds
   */
  constructor(
    private readonly client: PoolClient,
    patience = PATIENCE,
  ) {
    // One that breaks fails the look that is under way, or the next.
    client.on('error', () => undefined);
    this.stream = (client as unknown as Wire).connection.stream;
    this.stream.removeAllListeners('data');
    this.stream.on('data', (chunk: Buffer) => this.receive(chunk));
    this.stream.once('close', () => this.fail(new Error('the connection to the database ended')));
    this.stream.on('timeout', () => this.onSilence());
    this.stream.setTimeout(patience);
  }

  /**
   * One look at a time.
   * @throws Error when the server refuses, is silent or gone
   */
  read(): Promise<TransactionSnapshot> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiter = { resolve, reject };
      this.stream.write(CALL);
    });
  }

  /** Ends the connection at once: a look may be under way, and the driver, which does not know of it, would wait for the server to end the connection. */
  close(): void {
    this.stream.destroy();
    this.client.release(true);
  }

  private receive(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    for (;;) {
      const end = endOfMessage(this.received);
      if (end === undefined) return;
      const message = this.received.subarray(0, end);
      this.received = this.received.subarray(end);
      this.onMessage(message);
    }
  }

  /** All others tell what is no matter here: that the server is ready again, what it notices, how it is configured. */
  private onMessage(message: Buffer): void {
    if (message[0] === FUNCTION_CALL_RESPONSE) {
      const { waiter } = this;
      this.waiter = undefined;
      // Before the value stands its length.
      waiter?.resolve(TransactionSnapshot.decode(message.subarray(HEAD + 4)));
    } else if (message[0] === ERROR_RESPONSE) {
      this.fail(new Error(`the database gives no snapshot: ${messageOf(message)}`));
    }
  }

  private onSilence(): void {
    // The next call starts it again.
    if (this.waiter === undefined) return;
    this.fail(silentServer());
    this.stream.destroy();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.waiter?.reject(this.failure);
    this.waiter = undefined;
  }
}

function endOfMessage(received: Buffer): number | undefined {
  if (received.length < HEAD) return undefined;
  const end = 1 + received.readInt32BE(1);
  return received.length < end ? undefined : end;
}

/** An error's fields are a letter and a text each, ended by a zero; that of M is for people. */
const messageOf = (error: Buffer): string =>
  error
    .toString('utf8', HEAD)
    .split('\0')
    .find((field) => field.startsWith('M'))
    ?.slice(1) ?? 'without a reason';
