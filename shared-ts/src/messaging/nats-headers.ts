import type { HeaderList } from './broker';

/** What a block of headers begins with. */
const VERSION = 'NATS/1.0';
const LINE_END = '\r\n';
/** The broker drops a second message with the same within its duplicate window. */
const MESSAGE_ID = 'Nats-Msg-Id';

/** A token of RFC 9110 less the colon, which ends a name. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** All but tabs and what is printable: a line break would make a header of its own. */
const UNPRINTABLE = /[\0-\x08\x0a-\x1f\x7f]/;

/** A header that can't be written down. */
export class InvalidHeader extends Error {
  override readonly name = 'InvalidHeader';
}

/**
 * Headers as they stand before a message's payload: the version's line, a line a header, an empty line. The client library's own headers cost several
 * times as much, a copy and a list for each.
 * @param messageId goes along as the header by which the broker knows duplicates
 * https://docs.nats.io/reference/reference-protocols/nats-protocol#hpub
 * @throws InvalidHeader
 */
export function encodeHeaders(headers: Readonly<Record<string, string>>, messageId?: string): Uint8Array {
  let block = VERSION + LINE_END;
  if (messageId !== undefined) block += `${MESSAGE_ID}: ${messageId}${LINE_END}`;
  for (const name in headers) {
    if (messageId !== undefined && name === MESSAGE_ID) continue;
    const value = headers[name] ?? '';
    if (!NAME.test(name)) throw new InvalidHeader(`${JSON.stringify(name)} is no header name`);
    if (UNPRINTABLE.test(value)) throw new InvalidHeader(`header ${name} is not one line of text`);
    block += `${name}: ${value}${LINE_END}`;
  }
  return Buffer.from(block + LINE_END);
}

/** What {@link encodeHeaders} wrote, or another sender. */
export function decodeHeaders(block: Uint8Array): HeaderList {
  const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString();
  const headers: string[] = [];
  let start = text.indexOf(LINE_END) + LINE_END.length;
  for (;;) {
    const end = text.indexOf(LINE_END, start);
    if (end < 0) return headers;
    const colon = text.indexOf(':', start);
    if (colon > start && colon < end)
      headers.push(text.slice(start, colon), text.slice(colon + 1, end).trim());
    start = end + LINE_END.length;
  }
}
