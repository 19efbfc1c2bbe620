import { ArrayParameter, ValueParameter, type BinaryParameter } from './arrays';
import { ByteWriter } from './byte-writer';
import { toText } from './parameters';

/**
 * The messages of the extended query, by which a statement is parsed once and carried out again and again, as PostgreSQL reads them:
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 *
 * The driver has them, too, but sends each by itself, and copies each value twice on its way.
 */

/** A length in a message includes itself, but not the letter before it. */
const LENGTH = 4;
const NULL = -1;

/** Formats of values. */
const TEXT = 0;
const BINARY = 1;

const writer = new ByteWriter();

/** @param name under which the server keeps it; an empty one for once */
export function parseMessage(name: string, text: string): Buffer {
  return message('P', () => {
    writer.zeroEnded(name);
    writer.zeroEnded(text);
    // The server finds out the parameters' types.
    writer.int16(0);
  });
}

/**
 * A statement's parameters; the answer's values shall be texts.
 * @param values arrays and values that say their type, and whatever {@link toText} takes
 * @throws RangeError or TypeError for a value that can't be written
 */
export function bindMessage(name: string, values: readonly unknown[]): Buffer {
  return message('B', () => {
    // The portal has no name.
    writer.zeroEnded('');
    writer.zeroEnded(name);
    writer.int16(values.length);
    for (const value of values) writer.int16(isBinary(value) ? BINARY : TEXT);
    writer.int16(values.length);
    for (const value of values) writeValue(value);
    writer.int16(1);
    writer.int16(TEXT);
  });
}

const isBinary = (value: unknown): value is BinaryParameter =>
  value instanceof ValueParameter || value instanceof ArrayParameter;

function writeValue(value: unknown): void {
  const start = writer.openLength();
  if (isBinary(value)) {
    value.write(writer);
  } else {
    const text = toText(value);
    if (text === null) return writer.setInt32(start, NULL);
    writer.text(text);
  }
  writer.closeLength(start);
}

/** What is bound is carried out to its end. */
export const EXECUTE = message('E', () => {
  writer.zeroEnded('');
  writer.int32(0);
});

/** What is bound gives which columns? */
export const DESCRIBE = message('D', () => writer.zeroEnded('P'));

/** The end of a batch. */
export const SYNC = message('S', () => undefined);

function message(type: string, writeBody: () => void): Buffer {
  return writer.collect(() => {
    writer.text(type);
    const start = writer.openLength();
    writeBody();
    writer.closeLength(start, LENGTH);
  });
}
