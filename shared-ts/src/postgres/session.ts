import type { PoolClient, QueryResultRow } from 'pg';

/** A statement that PostgreSQL plans once per connection. */
export interface Statement {
  /** Unique per text; the prepared statement's name. */
  readonly name: string;
  readonly text: string;
}

/** One connection inside a transaction. */
export class PostgresSession {
  constructor(private readonly client: PoolClient) {}

  /** Runs a statement and gives its rows. */
  async query<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const result = await this.client.query<Row>({ ...statement, values: [...values] });
    return result.rows;
  }
}
