import type { OutgoingMessage, MessageContext } from './message';

/**
 * One row of the outbox table: a message exactly as it goes to the broker. The relay publishes what the row says and knows nothing
 * of the message's meaning.
 */
export interface OutboxRow {
  /** UUID v7; `ce-id` and `Nats-Msg-Id`. */
  readonly id: string;
  /** Channel without the subject prefix, e.g. `orderservice.Order`. */
  readonly channel: string;
  /** `ce-partitionkey`: rows of one key reach the broker in the order of their commits. */
  readonly partitionKey: string;
  /** All message headers, complete: `ce-*`, `content-type`, `traceparent`, without `Nats-Msg-Id`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The payload as JSON text, published byte for byte. */
  readonly payload: string;
}

/** Where messages wait for the relay, written in the transaction that causes them. */
export interface Outbox {
  add(rows: readonly OutboxRow[]): Promise<void>;
}

/** Writes a message as CloudEvents 1.0 in binary mode: attributes become headers with the prefix `ce-`. */
export function toOutboxRow(
  serviceId: string,
  message: OutgoingMessage,
  context: MessageContext,
  time: Date,
): OutboxRow {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': message.id,
    'ce-source': `/ftgo/${serviceId}`,
    'ce-type': message.name,
    'ce-time': time.toISOString(),
    'ce-messagekind': message.kind,
    'ce-partitionkey': message.partitionKey,
    'ce-correlationid': context.correlationId,
    'ce-causationid': context.causationId,
  };
  for (const [name, value] of Object.entries(message.attributes)) headers[`ce-${name}`] = value;
  if (context.traceparent !== undefined) headers['traceparent'] = context.traceparent;
  return {
    id: message.id,
    channel: message.channel,
    partitionKey: message.partitionKey,
    headers,
    payload: JSON.stringify(message.payload),
  };
}

/** The same message once more, under another id, so that neither the broker nor a receiver drops it as a duplicate. */
export const onceMore = (row: OutboxRow, id: string, time: Date): OutboxRow => ({
  ...row,
  id,
  headers: { ...row.headers, 'ce-id': id, 'ce-time': time.toISOString() },
});
