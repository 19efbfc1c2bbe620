import type { Lsn } from './lsn';

/** Microseconds between the Unix epoch and PostgreSQL's, 2000-01-01. */
const POSTGRES_EPOCH_MICROSECONDS = 946_684_800_000_000n;

/** The start of a transaction that has already committed (protocol version 1 sends no other). */
export interface BeginMessage {
  readonly kind: 'begin';
  /** Milliseconds since the Unix epoch, with a fraction. */
  readonly committedAt: number;
  /** The 32-bit transaction id, without its epoch. */
  readonly xid: number;
}

/** The end of a transaction. */
export interface CommitMessage {
  readonly kind: 'commit';
  /** Where the next record starts: what may be confirmed once the transaction is dealt with. */
  readonly endLsn: Lsn;
}

/** A table's description; sent before its first row, and again when it changes. */
export interface RelationMessage {
  readonly kind: 'relation';
  readonly relationId: number;
  readonly name: string;
  /** Column names in the order in which an insert carries the values. */
  readonly columns: readonly string[];
}

/** A new row. */
export interface InsertMessage {
  readonly kind: 'insert';
  readonly relationId: number;
  /** Text format; null for NULL. They share one copy of the message. */
  readonly values: readonly (Buffer | null)[];
}

/** A message of no interest to an outbox: Origin, Type, Update, Delete, Truncate, Message. */
export interface SkippedMessage {
  readonly kind: 'skipped';
}

export type PgOutputMessage = BeginMessage | CommitMessage | RelationMessage | InsertMessage | SkippedMessage;

const SKIPPED: SkippedMessage = { kind: 'skipped' };
const SKIPPED_TYPES = new Set(['O', 'Y', 'U', 'D', 'T', 'M'].map((letter) => letter.charCodeAt(0)));

const BEGIN = 'B'.charCodeAt(0);
const COMMIT = 'C'.charCodeAt(0);
const RELATION = 'R'.charCodeAt(0);
const INSERT = 'I'.charCodeAt(0);
const NEW_TUPLE = 'N'.charCodeAt(0);
const NULL_VALUE = 'n'.charCodeAt(0);
const TEXT_VALUE = 't'.charCodeAt(0);

/**
 * Decodes one message of the logical decoding plug-in pgoutput, protocol version 1. Source: PostgreSQL's
 * documentation, "Logical Replication Message Formats". Throws on what it does not know: a relay that
 * guesses loses messages.
 */
export function decodePgOutput(bytes: Buffer): PgOutputMessage {
  const type = bytes[0];
  if (type === INSERT) return decodeInsert(bytes);
  if (type === BEGIN) return decodeBegin(bytes);
  if (type === COMMIT) return decodeCommit(bytes);
  if (type === RELATION) return decodeRelation(bytes);
  if (type !== undefined && SKIPPED_TYPES.has(type)) return SKIPPED;
  throw new Error(`pgoutput: unknown message type ${String(type)}`);
}

function decodeBegin(bytes: Buffer): BeginMessage {
  // Bytes 1 to 8 say where the commit record starts.
  const microseconds = bytes.readBigInt64BE(9) + POSTGRES_EPOCH_MICROSECONDS;
  return {
    kind: 'begin',
    committedAt: Number(microseconds) / 1000,
    xid: bytes.readUInt32BE(17),
  };
}

function decodeCommit(bytes: Buffer): CommitMessage {
  // Byte 1 holds flags, of which none is in use; bytes 2 to 9 say where the commit record starts.
  return { kind: 'commit', endLsn: bytes.readBigUInt64BE(10) };
}

function decodeRelation(bytes: Buffer): RelationMessage {
  const namespace = readCString(bytes, 5);
  const name = readCString(bytes, namespace.next);
  // One byte of replica identity lies between the name and the number of columns.
  const count = bytes.readUInt16BE(name.next + 1);
  const columns: string[] = [];
  let offset = name.next + 3;
  for (let i = 0; i < count; i++) {
    // A column is: one byte of flags, the name, the type's oid and its modifier.
    const column = readCString(bytes, offset + 1);
    columns.push(column.text);
    offset = column.next + 8;
  }
  return {
    kind: 'relation',
    relationId: bytes.readUInt32BE(1),
    name: name.text,
    columns,
  };
}

function decodeInsert(received: Buffer): InsertMessage {
  // A row is kept until it can be seen and is published, while the connection uses its buffer again.
  const bytes = Buffer.from(received);
  if (bytes[5] !== NEW_TUPLE) throw new Error('pgoutput: insert without a new tuple');
  const count = bytes.readUInt16BE(6);
  const values: (Buffer | null)[] = new Array<Buffer | null>(count);
  let offset = 8;
  for (let i = 0; i < count; i++) {
    const format = bytes[offset];
    if (format === NULL_VALUE) {
      values[i] = null;
      offset += 1;
    } else if (format === TEXT_VALUE) {
      const start = offset + 5;
      const end = start + bytes.readUInt32BE(offset + 1);
      if (end > bytes.length) throw new Error('pgoutput: a value ends after its message');
      values[i] = bytes.subarray(start, end);
      offset = end;
    } else {
      throw new Error(`pgoutput: unknown value format ${String(format)}`);
    }
  }
  return { kind: 'insert', relationId: bytes.readUInt32BE(1), values };
}

function readCString(bytes: Buffer, start: number): { text: string; next: number } {
  const end = bytes.indexOf(0, start);
  if (end < 0) throw new Error('pgoutput: a string without its end');
  return { text: bytes.toString('utf8', start, end), next: end + 1 };
}
