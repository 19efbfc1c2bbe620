import { ByteWriter } from './byte-writer';

/**
 * Arrays in PostgreSQL's binary format, one for each column of a statement that writes or finds many rows: nothing is escaped, and the server parses
 * nothing. The format is that of `array_recv` and of each type's own `_recv` function:
 * https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/adt/arrayfuncs.c
 *
 * A statement takes them apart in its select list, `SELECT unnest($1::uuid[]), unnest($2::text[])`, which goes through them side by side; in FROM each would be
 * copied into a store of its own first, with 16 kB to be had from the system and given back.
 */

/** An element; null is SQL's NULL. */
type Element<T> = T | null | undefined;

/** How elements of one type are written. */
interface ElementType<T> {
  readonly name: string;
  /** The type's id in pg_type. */
  readonly oid: number;
  write(into: ByteWriter, value: T): void;
}

/** A parameter in PostgreSQL's binary format. It is encoded when its statement is asked for, so that what can't be is that statement's failure. */
export interface BinaryParameter {
  /** @throws TypeError or RangeError for what is no value of the type */
  write(into: ByteWriter): void;
}

const writeText = (into: ByteWriter, value: string): void => into.text(value);
const TEXT: ElementType<string> = { name: 'text', oid: 25, write: writeText };
const JSON_TEXT: ElementType<string> = { name: 'json', oid: 114, write: writeText };
const UUID: ElementType<string> = { name: 'uuid', oid: 2950, write: (into, value) => into.uuid(value) };
const INTEGER: ElementType<number> = { name: 'integer', oid: 23, write: writeInteger };
const BIGINT: ElementType<number> = {
  name: 'bigint',
  oid: 20,
  write: (into, value) => writeProduct(into, value, 1),
};
const BOOLEAN: ElementType<boolean> = {
  name: 'boolean',
  oid: 16,
  write: (into, value) => into.int8(value ? 1 : 0),
};
const TIMESTAMPTZ: ElementType<Date> = { name: 'timestamptz', oid: 1184, write: writeTimestamp };

/** A parameter that is an array. */
export class ArrayParameter<Row, T> implements BinaryParameter {
  /** @param elementOf gives a row's element */
  constructor(
    private readonly type: ElementType<T>,
    private readonly rows: readonly Row[],
    private readonly elementOf: (row: Row) => Element<T>,
  ) {}

  write(into: ByteWriter): void {
    writeArray(into, this.type, this.rows, this.elementOf);
  }

  /** By this name the driver's own queries ask for it. */
  toPostgres(): Buffer {
    const into = new ByteWriter();
    return into.collect(() => this.write(into));
  }
}

/** One value of a row, in the type of its column. */
export class ValueParameter<T> implements BinaryParameter {
  constructor(
    private readonly type: ElementType<T>,
    private readonly value: T,
  ) {}

  write(into: ByteWriter): void {
    this.type.write(into, this.value);
  }
}

/** One column of a statement's rows: its type, and what a row has in it. */
export class Column<Row, T = unknown> {
  constructor(
    private readonly elementType: ElementType<T>,
    private readonly elementOf: (row: Row) => Element<T>,
  ) {}

  /** The type's name in SQL. */
  get type(): string {
    return this.elementType.name;
  }

  /** The column of many rows. */
  array(rows: readonly Row[]): ArrayParameter<Row, T> {
    return new ArrayParameter(this.elementType, rows, this.elementOf);
  }

  /** The column of one row; null is SQL's NULL. */
  value(row: Row): BinaryParameter | null {
    const element = this.elementOf(row);
    if (element === null || element === undefined) return null;
    return new ValueParameter(this.elementType, element);
  }
}

const columnOf =
  <T>(type: ElementType<T>) =>
  <Row>(elementOf: (row: Row) => Element<T>): Column<Row> =>
    new Column(type, elementOf);

/** A column by its type and by what a row has in it; JSON is written by the caller. */
export const column = {
  text: columnOf(TEXT),
  json: columnOf(JSON_TEXT),
  uuid: columnOf(UUID),
  integer: columnOf(INTEGER),
  bigint: columnOf(BIGINT),
  boolean: columnOf(BOOLEAN),
  timestamp: columnOf(TIMESTAMPTZ),
};

const ownText = column.text((value: Element<string>) => value);
const ownUuid = column.uuid((value: Element<string>) => value);
/** For a parameter of the type `text[]`. */
export const texts = (values: readonly Element<string>[]) => ownText.array(values);
/** For a parameter of the type `uuid[]`. */
export const uuids = (values: readonly Element<string>[]) => ownUuid.array(values);

/**
 * From rows to a statement's parameters, an array a column. Made once, where the statement is: V8 forgets what it has optimised of a function that is made
 * anew for each batch, whenever it collects the last one.
 */
export const columns =
  <Row>(...all: readonly Column<Row>[]) =>
  (rows: readonly Row[]): BinaryParameter[] => {
    const parameters: BinaryParameter[] = [];
    for (const each of all) parameters.push(each.array(rows));
    return parameters;
  };

/**
 * Rows in the order of their keys, whatever order that is: a statement touches its rows in the order of its arrays, and two replicas with overlapping batches
 * wait for each other instead of deadlocking where they touch them in the same one.
 */
export const inOrderOf = <Row>(keyOf: (row: Row) => string, rows: Iterable<Row>): Row[] =>
  [...rows].sort((one, other) => {
    const [key, otherKey] = [keyOf(one), keyOf(other)];
    if (key === otherKey) return 0;
    return key < otherKey ? -1 : 1;
  });

/** In place of an element's length. */
const NULL = -1;

function writeArray<Row, T>(
  into: ByteWriter,
  type: ElementType<T>,
  rows: readonly Row[],
  elementOf: (row: Row) => Element<T>,
): void {
  into.int32(rows.length > 0 ? 1 : 0);
  const hasNull = into.openLength();
  into.int32(type.oid);
  if (rows.length === 0) return;
  into.int32(rows.length);
  // The lowest index.
  into.int32(1);
  for (const row of rows) {
    const element = elementOf(row);
    const start = into.openLength();
    if (element === null || element === undefined) {
      into.setInt32(start, NULL);
      into.setInt32(hasNull, 1);
    } else {
      type.write(into, element);
      into.closeLength(start);
    }
  }
}

function writeInteger(into: ByteWriter, value: number): void {
  if (value !== (value | 0)) throw outOfRange(value);
  into.int32(value);
}

const outOfRange = (value: number): RangeError => new RangeError(`${value} is out of range`);

/** PostgreSQL counts microseconds from the year 2000. */
const POSTGRES_EPOCH = Date.UTC(2000, 0, 1);

function writeTimestamp(into: ByteWriter, date: Date): void {
  const milliseconds = date.getTime() - POSTGRES_EPOCH;
  if (Number.isNaN(milliseconds)) throw new RangeError('an invalid date');
  writeProduct(into, milliseconds, 1_000);
}

const TWO_TO_32 = 2 ** 32;

/** Eight bytes, in two halves: a number that holds a time in microseconds is exact for some hundred years only. */
function writeProduct(into: ByteWriter, value: number, factor: number): void {
  if (!Number.isSafeInteger(value)) throw outOfRange(value);
  const high = Math.floor(value / TWO_TO_32);
  const low = (value - high * TWO_TO_32) * factor;
  into.int32(high * factor + Math.floor(low / TWO_TO_32));
  into.int32(low % TWO_TO_32);
}
