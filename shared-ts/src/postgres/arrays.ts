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
  /** The type's id in pg_type. */
  readonly oid: number;
  byteLength(value: T): number;
  write(into: Buffer, value: T, offset: number): void;
}

const utf8 = {
  byteLength: (value: string) => Buffer.byteLength(value),
  write: (into: Buffer, value: string, offset: number) => void into.write(value, offset),
};
const TEXT: ElementType<string> = { oid: 25, ...utf8 };
const JSON_TEXT: ElementType<string> = { oid: 114, ...utf8 };
const UUID: ElementType<string> = { oid: 2950, byteLength: () => 16, write: writeUuid };
const INTEGER: ElementType<number> = {
  oid: 23,
  byteLength: () => 4,
  write: (into, value, offset) => void into.writeInt32BE(value, offset),
};
const BIGINT: ElementType<number> = {
  oid: 20,
  byteLength: () => 8,
  write: (into, value, offset) => void into.writeBigInt64BE(BigInt(value), offset),
};
const BOOLEAN: ElementType<boolean> = {
  oid: 16,
  byteLength: () => 1,
  write: (into, value, offset) => void into.writeUInt8(value ? 1 : 0, offset),
};
const TIMESTAMPTZ: ElementType<Date> = {
  oid: 1184,
  byteLength: () => 8,
  write: (into, value, offset) => void into.writeBigInt64BE(microsecondsOf(value), offset),
};

/** A parameter that is an array. It is encoded when its statement is asked for, so that what can't be is that statement's failure. */
export class ArrayParameter<Row = unknown, T = unknown> {
  /** @param elementOf gives a row's element */
  constructor(
    private readonly type: ElementType<T>,
    private readonly rows: readonly Row[],
    private readonly elementOf: (row: Row) => Element<T>,
  ) {}

  /**
   * The driver's own queries take it by this name, too.
   * @throws TypeError or RangeError for what is no value of the type
   */
  toPostgres(): Buffer {
    return encode(this.type, this.rows, this.elementOf);
  }
}

/** One column of many rows. */
export type Column<Row> = (rows: readonly Row[]) => ArrayParameter;

const columnOf =
  <T>(type: ElementType<T>) =>
  <Row>(elementOf: (row: Row) => Element<T>): Column<Row> =>
  (rows) =>
    new ArrayParameter(type, rows, elementOf) as ArrayParameter;

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

/** For a parameter of the type `text[]`. */
export const texts: Column<Element<string>> = column.text((value) => value);
/** For a parameter of the type `uuid[]`. */
export const uuids: Column<Element<string>> = column.uuid((value) => value);

/**
 * From rows to a statement's parameters, an array a column. Made once, where the statement is: V8 forgets what it has optimised of a function that is made
 * anew for each batch, whenever it collects the last one.
 */
export const columns =
  <Row>(...all: readonly Column<Row>[]) =>
  (rows: readonly Row[]): ArrayParameter[] => {
    const parameters: ArrayParameter[] = [];
    for (const each of all) parameters.push(each(rows));
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

/** Dimensions, whether there are nulls, the elements' type; then length and lowest index of the one dimension. */
const HEAD = 12;
const DIMENSION = 8;
/** Of an element's length; -1 stands for NULL. */
const LENGTH = 4;
const NULL = -1;

function encode<Row, T>(
  type: ElementType<T>,
  rows: readonly Row[],
  elementOf: (row: Row) => Element<T>,
): Buffer {
  const elements: Element<T>[] = [];
  const lengths: number[] = [];
  let size = HEAD + DIMENSION;
  let hasNull = false;
  for (const row of rows) {
    const element = elementOf(row);
    const length = isNull(element) ? NULL : type.byteLength(element);
    if (length === NULL) hasNull = true;
    size += LENGTH + Math.max(length, 0);
    elements.push(element);
    lengths.push(length);
  }
  const buffer = Buffer.allocUnsafe(size);
  buffer.writeInt32BE(rows.length > 0 ? 1 : 0, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(type.oid, 8);
  if (rows.length === 0) return buffer.subarray(0, HEAD);
  buffer.writeInt32BE(rows.length, HEAD);
  buffer.writeInt32BE(1, HEAD + 4);
  let offset = HEAD + DIMENSION;
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index];
    const length = lengths[index] ?? NULL;
    offset = buffer.writeInt32BE(length, offset);
    if (isNull(element)) continue;
    type.write(buffer, element, offset);
    offset += length;
  }
  return buffer;
}

const isNull = <T>(value: Element<T>): value is null | undefined => value === null || value === undefined;

const HYPHEN = '-'.charCodeAt(0);

function writeUuid(into: Buffer, uuid: string, offset: number): void {
  let digits = 0;
  let byte = 0;
  for (let index = 0; index < uuid.length; index++) {
    const code = uuid.charCodeAt(index);
    if (code === HYPHEN) continue;
    byte = (byte << 4) | digitOf(code, uuid);
    digits += 1;
    if (digits > 32) break;
    if (digits % 2 === 0) into[offset + digits / 2 - 1] = byte & 0xff;
  }
  if (digits !== 32) throw noUuid(uuid);
}

function digitOf(code: number, uuid: string): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x61 + 10;
  throw noUuid(uuid);
}

const noUuid = (text: string): TypeError => new TypeError(`${JSON.stringify(text)} is no UUID`);

/** PostgreSQL counts from the year 2000. */
const POSTGRES_EPOCH = Date.UTC(2000, 0, 1);

function microsecondsOf(date: Date): bigint {
  const milliseconds = date.getTime() - POSTGRES_EPOCH;
  if (Number.isNaN(milliseconds)) throw new RangeError('an invalid date');
  return BigInt(milliseconds) * 1000n;
}
