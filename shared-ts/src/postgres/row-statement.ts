import type { BinaryParameter, Column } from './arrays';
import type { Statement } from './statement-batch';

/** So many rows are values of their own in their statement; of more, each column is an array. */
const FEW = 2;

/** A statement and its parameters. */
export type Asked = readonly [Statement, readonly (BinaryParameter | null)[]];

/**
 * A statement that writes rows, for however many. To take arrays apart costs PostgreSQL 30 microseconds a statement, more than the one or two rows do that most
 * statements write while orders come one at a time: those stand in it as they are.
 * @param text gives the statement's text, from the query that its rows come from
 */
export function rowStatement<Row>(
  name: string,
  text: (rows: string) => string,
  ...columns: readonly Column<Row>[]
): (rows: readonly Row[]) => Asked {
  const many: Statement = { name, text: text(arraysOf(columns)) };
  const few = Array.from({ length: FEW }, (_, index): Statement => {
    return { name: `${name}-${index + 1}`, text: text(valuesOf(columns, index + 1)) };
  });
  return (rows) => {
    const statement = few[rows.length - 1];
    const parameters: (BinaryParameter | null)[] = [];
    if (statement === undefined) {
      for (const column of columns) parameters.push(column.array(rows));
      return [many, parameters];
    }
    for (const row of rows) for (const column of columns) parameters.push(column.value(row));
    return [statement, parameters];
  };
}

type Typed = Pick<Column<never>, 'type'>;

/** In its select list they are gone through side by side; see `arrays.ts`. */
const arraysOf = (columns: readonly Typed[]): string =>
  `SELECT ${columns.map(({ type }, index) => `unnest($${index + 1}::${type}[])`).join(', ')}`;

function valuesOf(columns: readonly Typed[], count: number): string {
  const rows = Array.from({ length: count }, (_, row) => {
    const values = columns.map(({ type }, index) => `$${row * columns.length + index + 1}::${type}`);
    return `(${values.join(', ')})`;
  });
  return `VALUES ${rows.join(', ')}`;
}
