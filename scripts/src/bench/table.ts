/** A cell; numbers are written with as many digits as are worth reading, nothing is a dash. */
export type Cell = string | number | undefined;

/** A table for people: a title, column heads, rows, and what has to be known to read them. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly notes?: readonly string[];
}

/** The table as lines of text: the first column to the left, the others to the right. */
export function renderTable({ title, columns, rows, notes = [] }: Table): string {
  const text = [columns, ...rows.map((row) => row.map(written))];
  const widths = columns.map((_, column) => Math.max(...text.map((row) => row[column]?.length ?? 0)));
  const lines = text.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const [head = '', ...body] = lines;
  return [title, '', head, rule, ...body, ...notes.map((note) => `  ${note}`)]
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n')
    .replace(/^ {2}/, '');
}

/** Three significant digits, and all of them before the point. */
export function written(cell: Cell): string {
  if (cell === undefined) return '-';
  if (typeof cell === 'string') return cell;
  if (!Number.isFinite(cell)) return '-';
  const size = Math.abs(cell);
  if (Number.isInteger(cell) || size >= 100) return cell.toFixed(0);
  return cell.toFixed(size >= 10 ? 1 : size >= 0.01 ? 2 : 4);
}
