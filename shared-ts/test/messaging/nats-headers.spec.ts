import { headers as clientHeaders } from 'nats';
import { headerList, headersByName } from '../../src/messaging';
import { decodeHeaders, encodeHeaders, InvalidHeader } from '../../src/messaging/nats-headers';

interface Encoded {
  encode(): Uint8Array;
}

/** The same headers by the client library. */
function byTheClient(headers: readonly (readonly [string, string])[]): Uint8Array {
  const block = clientHeaders();
  for (const [name, value] of headers) block.append(name, value);
  return (block as unknown as Encoded).encode();
}

describe('blocks of headers', () => {
  const headers = { 'ce-id': '0199a3', 'Nats-Msg-Id': 'x:y', note: 'Crème brûlée 🍮' };

  it('are what the client library writes', () => {
    expect(Buffer.from(encodeHeaders(headers)).toString()).toBe(
      Buffer.from(byTheClient(Object.entries(headers))).toString(),
    );
  });

  it('are read as they were written', () => {
    expect(decodeHeaders(encodeHeaders(headers))).toEqual(headerList(headers));
    expect(decodeHeaders(encodeHeaders({}))).toEqual([]);
  });

  it('carry a message’s id, and no other', () => {
    const block = encodeHeaders({ 'Nats-Msg-Id': 'another', name: 'value' }, 'its own');
    expect(Buffer.from(block).toString()).toBe('NATS/1.0\r\nNats-Msg-Id: its own\r\nname: value\r\n\r\n');
  });

  it('are read from the middle of a larger buffer', () => {
    const block = encodeHeaders(headers);
    const around = Buffer.concat([Buffer.from('HMSG '), block, Buffer.from('a: b\r\n')]);
    expect(decodeHeaders(around.subarray(5, 5 + block.length))).toEqual(headerList(headers));
  });

  it('give the first of two values, as the client library does', () => {
    const twice = byTheClient([
      ['name', 'first'],
      ['name', 'second'],
    ]);
    expect(headersByName(decodeHeaders(twice))).toEqual({ name: 'first' });
  });

  it('may have a status, names without a value, and lines that are no headers', () => {
    const block = 'NATS/1.0 503 No Responders\r\nempty:\r\n: nameless\r\nno colon\r\nlast: one\r\n\r\n';
    expect(decodeHeaders(Buffer.from(block))).toEqual(['empty', '', 'last', 'one']);
  });

  it.each(['', 'two words', 'co:lon', 'line\r\nbreak', 'é'])('take no name like %j', (name) => {
    expect(() => encodeHeaders({ [name]: 'value' })).toThrow(InvalidHeader);
  });

  it.each(['a\r\nce-id: forged', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb'])('take no value like %j', (value) => {
    expect(() => encodeHeaders({ name: value })).toThrow(InvalidHeader);
  });

  it('may have tabs in a value', () => {
    expect(decodeHeaders(encodeHeaders({ name: 'a\tb' }))).toEqual(['name', 'a\tb']);
  });
});
