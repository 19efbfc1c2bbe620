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

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** What is looked up under a UUID in the database; in small letters, as the database gives them. */
const UUID_ATTRIBUTES = ['sagaid', 'subject'];

/** The attributes that our messages have, by their headers: most headers need not be taken apart. */
const COMMON_ATTRIBUTES: ReadonlyMap<string, string> = new Map(
  Object.keys(noAttributes()).map((attribute) => [`ce-${attribute}`, attribute]),
);

/** All messages are of one shape, whichever attributes they carry: nothing has to be made room for. */
function noAttributes(): Record<string, string | undefined> {
  return {
    id: undefined,
    source: undefined,
    specversion: undefined,
    type: undefined,
    time: undefined,
    messagekind: undefined,
    partitionkey: undefined,
    correlationid: undefined,
    causationid: undefined,
    subject: undefined,
    sequence: undefined,
    sagaid: undefined,
    saganame: undefined,
    replyto: undefined,
    inreplyto: undefined,
    outcome: undefined,
  };
}

/** The attribute that a header carries, if it carries one. */
function attributeOf(header: string): string | undefined {
  const common = COMMON_ATTRIBUTES.get(header);
  if (common !== undefined) return common;
  const name = header.toLowerCase();
  return name.startsWith('ce-') ? name.slice(3) : undefined;
}

/** Whether a header can be kept in a table and sent on in other messages: no control characters, no broken Unicode, not endless. */
const isPlain = (text: string): boolean =>
  /^[\x20-\x7e]{0,1000}$/.test(text) || /^[^\p{Cc}\p{Surrogate}]{0,1000}$/u.test(text);

/** Whether a reply could be published there. */
const isChannel = (text: string): boolean => /^[\w-]+(\.[\w-]+)*$/.test(text);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a CloudEvent in binary mode. Only what the handling needs is required: id, type, kind and a JSON payload. The saga and the subject, where they are named,
 * must be UUIDs.
 * @throws UndecodableMessage
 */
export function decode(delivery: Delivery): IncomingMessage {
  const attributes = noAttributes();
  let traceparent: string | undefined;
  const { headers } = delivery;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    const attribute = attributeOf(name);
    if (attribute !== undefined) {
      if (!isPlain(value))
        throw new UndecodableMessage(`ce-${attribute} is longer than 1000 characters or no plain text`);
      // Not what every object has by that name.
      if (!Object.hasOwn(attributes, attribute) || attributes[attribute] === undefined)
        attributes[attribute] = value;
    } else if (name === 'traceparent') traceparent ??= value;
  }
  for (const name of UUID_ATTRIBUTES) {
    const value = attributes[name]?.toLowerCase();
    if (value === undefined) continue;
    if (!UUID.test(value)) throw new UndecodableMessage(`ce-${name} is no UUID`);
    attributes[name] = value;
  }
  const required = (name: string): string => {
    const value = attributes[name];
    if (value === undefined || value === '') throw new UndecodableMessage(`the header ce-${name} is missing`);
    return value;
  };
  const id = required('id');
  if (!isStorableId(id))
    throw new UndecodableMessage('ce-id is longer than 200 characters or not printable ASCII');
  const { replyto } = attributes;
  if (replyto !== undefined && !isChannel(replyto)) throw new UndecodableMessage('ce-replyto is no channel');
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
      // Only a means of watching: a broken one is left out, and the message is as good as any.
      traceparent: traceparent !== undefined && isPlain(traceparent) ? traceparent : undefined,
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
