import type { Pool } from 'pg';

/** Number of rows and a checksum of each table; two that are equal mean that nothing was written in between. */
export type DatabaseState = Readonly<Record<string, string>>;

/** Looks at a service's tables. */
export class Database {
  private constructor(
    private readonly pool: Pool,
    private readonly tables: readonly string[],
    private readonly idColumns: readonly (readonly [table: string, column: string])[],
  ) {}

  static async open(pool: Pool): Promise<Database> {
    const { rows: tables } = await pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`,
    );
    const names = tables.map(({ name }) => name);
    const { rows: columns } = await pool.query<{ table_name: string; column_name: string }>(
      `SELECT table_name, column_name FROM information_schema.columns
       WHERE table_name = ANY($1) AND data_type = 'uuid' ORDER BY 1, 2`,
      [names],
    );
    return new Database(
      pool,
      names,
      columns.map((column) => [column.table_name, column.column_name]),
    );
  }

  async state(): Promise<DatabaseState> {
    const { rows } = await this.pool.query<{ name: string; sum: string }>(
      this.tables
        .map(
          (name) =>
            `SELECT '${name}' AS name, count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS sum FROM ${name} t`,
        )
        .join(' UNION ALL '),
    );
    return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]));
  }

  /** A few ids of each kind of thing that is there. */
  async someIds(): Promise<string[]> {
    if (this.idColumns.length === 0) return [];
    const { rows } = await this.pool.query<{ id: string }>(
      this.idColumns
        .map(
          ([table, column]) =>
            `(SELECT DISTINCT ${column}::text AS id FROM ${table} WHERE ${column} IS NOT NULL ORDER BY 1 DESC LIMIT 4)`,
        )
        .join(' UNION '),
    );
    return rows.map(({ id }) => id);
  }

  /** Rows of a table as JSON, or none where the service has no such table. */
  async rows<Row>(table: string): Promise<Row[]> {
    if (!this.tables.includes(table)) return [];
    const { rows } = await this.pool.query<{ row: Row }>(`SELECT to_json(t) AS row FROM ${table} t`);
    return rows.map(({ row }) => row);
  }
}
