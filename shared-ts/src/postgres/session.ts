import type { PoolClient, QueryResultRow, Submittable } from 'pg';
import { silentServer } from './errors';
import { StatementBatch, type Answer, type Request, type Statement } from './statement-batch';
import { bindMessage } from './wire';

export type { Statement } from './statement-batch';

// There is nothing to plan, and pg_stat_statements does not count what is prepared of their kind.
const BEGIN: Statement = { name: '', text: 'BEGIN' };
const COMMIT: Statement = { name: '', text: 'COMMIT' };

/**
 * How long an answer is waited for, in milliseconds. A server that is silent for longer is taken for lost with all that it was asked, since a connection whose other end
 * is gone without a word looks no different, and would be waited for a quarter of an hour and more.
 */
export const PATIENCE = 60_000;

/** What is used of the driver's client below its interface. */
interface Wire {
  readonly connection: { readonly stream: { destroy(error: Error): void } };
}

/**
 * One connection inside a transaction. Handlers that share it may ask side by side: what is asked in one turn of the event loop, or while another batch is
 * under way, is one batch, and is carried out and answered in its order. Once a statement has failed, all that follow fail, too.
 */
export class PostgresSession {
  private readonly waiting: Request[] = [];
  private underWay = false;
  private failure: Error | undefined;

  constructor(
    private readonly client: PoolClient,
    private readonly patience = PATIENCE,
  ) {}

  /** Runs a statement and gives its rows. */
  async query<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.ask(statement, values);
    return rows as Row[];
  }

  /** Not waited for: it goes out with the first statement, which fails where it fails. */
  begin(): void {
    this.ask(BEGIN, []).catch(() => undefined);
  }

  /** May be asked for while statements are still to be sent; it is carried out only when none of the transaction has failed. */
  async commit(): Promise<void> {
    const { command } = await this.ask(COMMIT, []);
    // What PostgreSQL answers where a statement had failed and the failure was passed on to nobody.
    if (command !== 'COMMIT') throw new Error('nothing was committed, because a statement had failed');
  }

  /** What was asked for and is not sent yet is not sent any more: after the ROLLBACK, it would be a transaction that nobody ends. */
  async rollBack(): Promise<void> {
    this.fail(new Error('the transaction was rolled back'));
    await this.client.query('ROLLBACK');
  }

  private ask(statement: Statement, values: readonly unknown[]): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    let bind;
    try {
      bind = bindMessage(statement.name, values);
    } catch (error) {
      // The database knows nothing of it, and must not be asked to commit what is left.
      return Promise.reject(this.fail(error instanceof Error ? error : new Error(String(error))));
    }
    const question = new Question(statement, bind, this);
    this.waiting.push(question);
    // Behind the next tick, in which the unit of work's loaders ask for what was wanted of them in this turn: that is to go out in the same packet.
    if (this.waiting.length === 1 && !this.underWay) process.nextTick(afterNextTick, sendWaiting, this);
    return question.answer;
  }

  /** All that follows fails, too. @returns what it fails with */
  fail(error: Error): Error {
    this.failure ??= error;
    return error;
  }

  /** Sends all that waits, as one batch. */
  send(): void {
    const batch = this.waiting.splice(0);
    if (this.failure !== undefined) {
      for (const request of batch) request.reject(this.failure);
      return;
    }
    this.underWay = true;
    const silence = setTimeout(() => this.hangUp(), this.patience);
    const ended = () => {
      clearTimeout(silence);
      this.underWay = false;
      if (this.waiting.length > 0) this.send();
    };
    this.client.query(new StatementBatch(batch, ended) as unknown as Submittable);
  }

  private hangUp(): void {
    const { stream } = (this.client as unknown as Wire).connection;
    stream.destroy(silentServer());
  }
}

const afterNextTick = <T>(work: (argument: T) => void, argument: T): void => process.nextTick(work, argument);

const sendWaiting = (session: PostgresSession): void => session.send();

/** A statement that was asked for, and the promise of its answer. */
class Question implements Request {
  readonly name: string;
  readonly text: string;
  readonly answer: Promise<Answer>;
  resolve!: (answer: Answer) => void;
  private refuse!: (error: Error) => void;

  constructor(
    { name, text }: Statement,
    readonly bind: Buffer,
    private readonly session: PostgresSession,
  ) {
    this.name = name;
    this.text = text;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.refuse = reject;
    });
  }

  reject(error: Error): void {
    this.refuse(this.session.fail(error));
  }
}
