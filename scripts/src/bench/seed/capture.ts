import type { Client } from 'pg';
import type { Column, TableRows } from './template';

/** What an order changes without adding to it, and what is not an order's at all. */
const notAnOrders = [
  'schema_migrations',
  'relay_checkpoint',
  'couriers',
  'restaurants',
  'menu_items',
  'message_attempts',
  'dead_letters',
];

/** What the database fills in for every row: place and transaction in the outbox; its day, which decides on the partition. */
const filledIn = ['outbox.transaction_id', 'outbox.created_at'];

/** The mark from which {@link rowsSince} looks; to be taken when nothing is under way. */
export async function mark(client: Client): Promise<string> {
  const { rows } = await client.query<{ xmax: string }>(
    'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xmax',
  );
  return rows[0]?.xmax ?? '0';
}

/** The rows that a database's tables have got since the mark, for a cluster too young to have reused transaction ids. */
export async function rowsSince(client: Client, since: string): Promise<TableRows[]> {
  const found: TableRows[] = [];
  for (const [table, columns] of await tablesOf(client)) {
    const list = columns.map(({ name }) => `${name}::text`).join(', ');
    const { rows } = await client.query<(string | null)[]>({
      text: `SELECT ${list} FROM ${table} WHERE xmin::text::bigint >= $1 ORDER BY tableoid, ctid`,
      values: [since],
      rowMode: 'array',
    });
    if (rows.length > 0) found.push({ table, columns, rows });
  }
  return found;
}

async function tablesOf(client: Client): Promise<Map<string, Column[]>> {
  const { rows } = await client.query<Column & { table: string }>(
    `SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
       AND c.relname <> ALL($1) AND c.relname || '.' || a.attname <> ALL($2)
     ORDER BY c.relname, a.attnum`,
    [notAnOrders, filledIn],
  );
  const tables = new Map<string, Column[]>();
  for (const { table, name, type } of rows) tables.set(table, [...(tables.get(table) ?? []), { name, type }]);
  return tables;
}
