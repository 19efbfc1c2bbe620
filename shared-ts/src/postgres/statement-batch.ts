import { types } from 'pg';
import { DESCRIBE, EXECUTE, parseMessage, SYNC } from './wire';

/** A statement that PostgreSQL plans once per connection. */
export interface Statement {
  /** Unique per text; the prepared statement's name. Without one it is parsed each time, and gives no rows. */
  readonly name: string;
  readonly text: string;
}

/** What a statement gave. */
export interface Answer {
  /** The command's tag: `COMMIT`, `INSERT 0 3`. */
  readonly command: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** One statement of a batch. */
export interface Request extends Statement {
  /** The message with its values. */
  readonly bind: Buffer;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

interface Field {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** What is used of the driver's connection. */
interface Connection {
  /** Texts by name of what the server has parsed; kept by the driver. */
  readonly parsedStatements: Record<string, string | undefined>;
  readonly stream: { write(bytes: Buffer): void };
}

/** The result columns of the prepared statements of each connection, by name: each is described once. */
const described = new WeakMap<Connection, Map<string, readonly Field[]>>();

function columnsOf(connection: Connection): Map<string, readonly Field[]> {
  const known = described.get(connection) ?? new Map<string, readonly Field[]>();
  described.set(connection, known);
  return known;
}

/**
 * Several statements in one packet with one Sync at its end: one wake-up of the server and one of ours, where the driver's own pipeline mode has a Sync
 * (and so an answer of its own) for each. When one fails, the server skips those after it.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 *
 * It is a query as the driver's `Client.query` takes them; the driver calls the handlers.
 */
export class StatementBatch {
  private connection: Connection | undefined;
  private answered = 0;
  private rows: Record<string, unknown>[] = [];

  /** @param ended called once, when the connection is free for the next batch or lost */
  constructor(
    private readonly requests: readonly Request[],
    private readonly ended: () => void,
  ) {}

  /** Name and text of the statement whose answer comes next: what the driver notes as parsed. */
  get name(): string | undefined {
    return this.requests[this.answered]?.name;
  }

  get text(): string | undefined {
    return this.requests[this.answered]?.text;
  }

  submit(connection: Connection): null {
    this.connection = connection;
    const known = columnsOf(connection);
    const inThisBatch = new Set<string>();
    const messages: Buffer[] = [];
    for (const { name, text, bind } of this.requests) {
      const isFirst = name === '' || !inThisBatch.has(name);
      inThisBatch.add(name);
      if (isFirst && connection.parsedStatements[name] === undefined) messages.push(parseMessage(name, text));
      messages.push(bind);
      // One that was parsed need not be described yet: its first values may have been refused.
      if (isFirst && name !== '' && !known.has(name)) messages.push(DESCRIBE);
      messages.push(EXECUTE);
    }
    messages.push(SYNC);
    connection.stream.write(Buffer.concat(messages));
    return null;
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    if (this.connection === undefined || this.name === undefined) return;
    const parserOf = (type: number) => types.getTypeParser(type, 'text') as Field['parse'];
    columnsOf(this.connection).set(
      this.name,
      fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) })),
    );
  }

  handleDataRow({ fields: values }: { fields: readonly (string | null)[] }): void {
    const fields = (this.connection && columnsOf(this.connection).get(this.name ?? '')) ?? [];
    const row: Record<string, unknown> = {};
    fields.forEach(({ name, parse }, index) => {
      const value = values[index] ?? null;
      row[name] = value === null ? null : parse(value);
    });
    this.rows.push(row);
  }

  handleCommandComplete({ text: command }: { text: string }): void {
    const request = this.requests[this.answered];
    this.noteThatItGivesNoRows();
    this.answered += 1;
    const { rows } = this;
    this.rows = [];
    request?.resolve({ command, rows });
  }

  /** The server describes such a statement by a message that the driver does not pass on. */
  private noteThatItGivesNoRows(): void {
    if (this.connection === undefined || !this.name) return;
    const known = columnsOf(this.connection);
    if (!known.has(this.name)) known.set(this.name, []);
  }

  handleError(error: Error): void {
    for (const request of this.requests.slice(this.answered)) request.reject(error);
    this.answered = this.requests.length;
    this.ended();
  }

  handleReadyForQuery(): void {
    this.ended();
  }

  /** Neither occurs: no statement is empty, none asks for a part of its rows or copies. */
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}
