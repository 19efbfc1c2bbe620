import type { Delivery } from './broker';
import type { IncomingMessage, MessageKind } from './message';
import { channelOf } from './subjects';

/** A delivery that is no message of the fleet's language; it goes to the dead letters at once. */
export class UndecodableMessage extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UndecodableMessage';
  }
}

const KINDS: ReadonlySet<string> = new Set<MessageKind>(['event', 'command', 'reply']);
const isKind = (value: string): value is MessageKind => KINDS.has(value);

/** Whether tables and their indexes can hold an id; ours are UUIDs, but another sender's need not be. */
export const isStorableId = (id: string): boolean => /^[\x20-\x7e]{1,200}$/.test(id);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a CloudEvent in binary mode. Only what the handling needs is required: id, type, kind and a JSON payload.
 * @throws UndecodableMessage
 */
export function decode(delivery: Delivery): IncomingMessage {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(delivery.headers)) {
    const lower = name.toLowerCase();
    if (lower.startsWith('ce-')) attributes[lower.slice(3)] = value;
  }
  const required = (name: string): string => {
    const value = attributes[name];
    if (value === undefined || value === '') throw new UndecodableMessage(`the header ce-${name} is missing`);
    return value;
  };
  const id = required('id');
  if (!isStorableId(id))
    throw new UndecodableMessage('ce-id is longer than 200 characters or not printable ASCII');
  const kind = required('messagekind');
  if (!isKind(kind)) throw new UndecodableMessage(`ce-messagekind is none of event, command, reply: ${kind}`);
  return {
    id,
    channel: channelOf(delivery.subject),
    name: required('type'),
    kind,
    partitionKey: attributes['partitionkey'] ?? id,
    context: {
      correlationId: attributes['correlationid'] ?? id,
      // Whatever the handler does is caused by this message.
      causationId: id,
      traceparent: delivery.headers['traceparent'],
    },
    attributes,
    payload: parse(delivery.data),
    time: attributes['time'] ?? new Date().toISOString(),
    deliveryCount: delivery.deliveryCount,
  };
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(data));
  } catch (error) {
    throw new UndecodableMessage('the payload is not JSON in UTF-8', { cause: error });
  }
}
