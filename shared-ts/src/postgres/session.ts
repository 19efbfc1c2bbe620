import type { PoolClient, QueryResultRow } from 'pg';

/** A statement that PostgreSQL plans once per connection. */
export interface Statement {
  /** Unique per text; the prepared statement's name. */
  readonly name: string;
  readonly text: string;
}

/** One connection inside a transaction. */
export class PostgresSession {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: PoolClient) {}

  /** Runs a statement and gives its rows. Handlers run side by side, a connection one statement after the other: it waits its turn. */
  async query<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const result = this.last.then(() => this.client.query<Row>({ ...statement, values: [...values] }));
    this.last = result.catch(() => undefined);
    return (await result).rows;
  }
}
