import type { PoolClient, QueryResultRow } from 'pg';

/** A statement that PostgreSQL plans once per connection. */
export interface Statement {
  /** Unique per text; the prepared statement's name. */
  readonly name: string;
  readonly text: string;
}

/**
 * One connection inside a transaction. Handlers that share it may ask side by side: the connection is in pipeline mode, so statements go
 * out at once, run one after another, and are answered in their order.
 */
export class PostgresSession {
  constructor(private readonly client: PoolClient) {}

  /** Runs a statement and gives its rows. */
  async query<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.client.query<Row>({ ...statement, values: [...values] });
    return rows;
  }
}
