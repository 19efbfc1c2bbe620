import type { BrokerMessage } from '../messaging/broker';
import { subjectOf } from '../messaging/subjects';
import type { InsertMessage, RelationMessage } from './pgoutput';

/** An outbox row as a relay reads it, from the log or from the table. */
export interface OutboxRecord {
  readonly id: string;
  readonly channel: string;
  readonly partitionKey: string;
  /** JSON text. */
  readonly headers: string;
  /** JSON text as bytes, published as they are. */
  readonly payload: Buffer;
  /** When it was committed (log) or written (table): milliseconds since the Unix epoch. */
  readonly since: number;
  /** Its place in the outbox, kept for parking: the 64-bit transaction id and the position, both as text. */
  readonly transactionId: string;
  readonly position: string;
}

const COLUMNS = [
  'id',
  'channel',
  'partition_key',
  'headers',
  'payload',
  'transaction_id',
  'position',
] as const;
type Column = (typeof COLUMNS)[number];

/**
 * Makes records of one table's inserts. Columns are found by name, so that added or moved ones do no harm.
 */
export class OutboxRecordReader {
  private readonly index: Readonly<Record<Column, number>>;

  /** Throws when the table has not all of an outbox's columns. */
  constructor(relation: RelationMessage) {
    const index = Object.fromEntries(COLUMNS.map((name) => [name, relation.columns.indexOf(name)]));
    const missing = COLUMNS.filter((name) => (index[name] ?? -1) < 0);
    if (missing.length > 0) throw new Error(`table ${relation.name} has no column ${missing.join(', ')}`);
    this.index = index as Record<Column, number>;
  }

  read(insert: InsertMessage, committedAt: number): OutboxRecord {
    const text = (column: Column): string => this.value(insert, column).toString('utf8');
    return {
      id: text('id'),
      channel: text('channel'),
      partitionKey: text('partition_key'),
      headers: text('headers'),
      payload: this.value(insert, 'payload'),
      since: committedAt,
      transactionId: text('transaction_id'),
      position: text('position'),
    };
  }

  private value(insert: InsertMessage, column: Column): Buffer {
    const value = insert.values[this.index[column]];
    if (!value) throw new Error(`outbox row without ${column}`);
    return value;
  }
}

/** A row that can never become a message, e.g. because its headers are no flat object of strings. */
export class UnpublishableRow extends Error {
  override readonly name = 'UnpublishableRow';
}

// Tokens of a subject, without wildcards and blanks.
const CHANNEL = /^[^\s.*>\0]+(\.[^\s.*>\0]+)*$/;

/** The message that a row stands for. Throws {@link UnpublishableRow}. */
export function toBrokerMessage(record: OutboxRecord): BrokerMessage {
  if (!CHANNEL.test(record.channel))
    throw new UnpublishableRow(`channel ${JSON.stringify(record.channel)} is no subject`);
  return {
    id: record.id,
    subject: subjectOf(record.channel),
    headers: parseHeaders(record.headers),
    data: record.payload,
  };
}

function parseHeaders(json: string): Readonly<Record<string, string>> {
  const headers = parseJson(json);
  if (!isRecord(headers)) throw new UnpublishableRow('headers are not an object');
  for (const name in headers) {
    if (typeof headers[name] !== 'string') throw new UnpublishableRow(`header ${name} is no text`);
  }
  return headers as Record<string, string>;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UnpublishableRow('headers are no JSON', { cause: error });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
