/** A column that is copied. */
export interface Column {
  readonly name: string;
  /** The SQL type that its text is cast to. */
  readonly type: string;
}

/** What one real order has left in a table: each row as the columns' texts. */
export interface TableRows {
  readonly table: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Ids of the real order that its copies do not have for themselves but share: each with those that take turns. */
export type Shared = ReadonlyMap<string, readonly string[]>;

/** Copies lie so far apart in time, in milliseconds; the n-th is n steps before the real order. */
export const stepMs = 100;

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * The statement that writes copies $1 to $2 of an order's rows in one table. Each id of the order gives way to one of the
 * copy's own, the same wherever it occurs, in JSON too; as these ids begin with a time, they move with it. So do times.
 */
export function copyStatement({ table, columns, rows }: TableRows, shared: Shared): string {
  const own = new Set(rows.flat().flatMap((text) => text?.match(uuid) ?? []));
  const names = new Map<string, string>();
  const expressions = [...own].map((id, index) => {
    names.set(id, `id${index}`);
    const sharers = shared.get(id);
    return `${sharers === undefined ? idBefore(id) : oneOf(sharers)} AS id${index}`;
  });
  const values = rows.map(
    (row) => `(${row.map((text, index) => value(text, columns[index]?.type ?? 'text', names)).join(', ')})`,
  );
  const list = columns.map(({ name }) => name).join(', ');
  const copies = ['n', ...expressions].join(', ');
  return `INSERT INTO ${table} (${list})
    SELECT made.* FROM (SELECT ${copies} FROM generate_series($1::int, $2::int) AS n OFFSET 0) AS copy
    CROSS JOIN LATERAL (VALUES ${values.join(', ')}) AS made`;
}

/** The id that the n-th copy has in place of this one. */
export function copyOf(id: string, n: number): string {
  const [high = '', low = '', ...rest] = id.split('-');
  const hex = (Number.parseInt(`${high}${low}`, 16) - n * stepMs).toString(16).padStart(12, '0');
  return [hex.slice(0, 8), hex.slice(8), ...rest].join('-');
}

/** In SQL what {@link copyOf} is: an id with the first 48 bits, which are milliseconds, set back. */
function idBefore(id: string): string {
  const [high = '', low = '', ...rest] = id.split('-');
  const hex = `lpad(to_hex(x'${high}${low}'::bigint - n * ${stepMs}), 12, '0')`;
  return `overlay(${hex} PLACING '-' FROM 9 FOR 0) || '-${rest.join('-')}'`;
}

function oneOf(ids: readonly string[]): string {
  return ids.length === 1
    ? literal(ids[0] ?? '')
    : `(ARRAY[${ids.map(literal).join(', ')}])[1 + n % ${ids.length}]`;
}

function value(text: string | null, type: string, names: ReadonlyMap<string, string>): string {
  if (text === null) return `NULL::${type}`;
  if (type.startsWith('timestamp'))
    return `${literal(text)}::${type} - n * interval '${stepMs} milliseconds'`;
  const ids = text.match(uuid) ?? [];
  const parts = text
    .split(uuid)
    .flatMap((part, index) => [
      literal(part),
      ...(index < ids.length ? [names.get(ids[index] ?? '') ?? ''] : []),
    ])
    .filter((part) => part !== `''`);
  return `(${parts.length === 0 ? `''` : parts.join(' || ')})::${type}`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
