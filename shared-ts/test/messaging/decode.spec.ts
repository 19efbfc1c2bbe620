import { decode, headerList, UndecodableMessage, type Delivery } from '../../src/messaging';

const headers = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': '0199d0a5-0000-7000-8000-000000000001',
  'ce-type': 'orderapi.OrderCreated',
  'ce-source': '/ftgo/order-service',
  'ce-time': '2026-01-01T12:00:00.000Z',
  'ce-messagekind': 'event',
  'ce-subject': '0199d0a5-0000-7000-8000-000000000002',
  'ce-sequence': '1',
  'ce-partitionkey': 'the-key',
  'ce-correlationid': 'the-first-request',
  'ce-causationid': 'the-cause',
  traceparent: '00-aa-bb-01',
};

type Overrides = Partial<Omit<Delivery, 'headers'>> & { readonly headers?: Readonly<Record<string, string>> };

const delivery = ({ headers: sent = headers, ...overrides }: Overrides = {}): Delivery => ({
  subject: 'ftgo.orderservice.Order',
  headers: headerList(sent),
  data: Buffer.from('{"name":"größe"}'),
  deliveryCount: 3,
  streamSequence: 7,
  ack: () => undefined,
  nak: () => undefined,
  working: () => undefined,
  ...overrides,
});

const without = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

describe('a message that arrives', () => {
  it('is read with all that it carries', () => {
    expect(decode(delivery())).toEqual({
      id: headers['ce-id'],
      channel: 'orderservice.Order',
      name: 'orderapi.OrderCreated',
      kind: 'event',
      partitionKey: 'the-key',
      context: {
        correlationId: 'the-first-request',
        causationId: headers['ce-id'],
        traceparent: '00-aa-bb-01',
      },
      attributes: {
        id: headers['ce-id'],
        specversion: '1.0',
        type: 'orderapi.OrderCreated',
        source: '/ftgo/order-service',
        time: '2026-01-01T12:00:00.000Z',
        messagekind: 'event',
        subject: '0199d0a5-0000-7000-8000-000000000002',
        sequence: '1',
        partitionkey: 'the-key',
        correlationid: 'the-first-request',
        causationid: 'the-cause',
      },
      payload: { name: 'größe' },
      time: '2026-01-01T12:00:00.000Z',
      deliveryCount: 3,
    });
  });

  it('may write its headers in capitals', () => {
    const shouted = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect(decode(delivery({ headers: shouted }))).toMatchObject({ id: headers['ce-id'], kind: 'event' });
  });

  it('has the first of what it says twice, be it called as what every object has', () => {
    const twice = ['ce-subject', 'traceparent', 'ce-constructor'].flatMap((name) => [
      ...[name.toUpperCase() === 'TRACEPARENT' ? name : name.toUpperCase(), headers['ce-subject']],
      ...[name, headers['ce-id']],
    ]);
    const { attributes, context } = decode({
      ...delivery({ headers: without('ce-subject', 'traceparent') }),
      headers: [...headerList(without('ce-subject', 'traceparent')), ...twice],
    });
    expect(attributes).toMatchObject({ subject: headers['ce-subject'], constructor: headers['ce-subject'] });
    expect(context.traceparent).toBe(headers['ce-subject']);
  });

  it('stands for itself where it says nothing of its order and its origin', () => {
    const bare = decode(
      delivery({ headers: without('ce-partitionkey', 'ce-correlationid', 'ce-time', 'traceparent') }),
    );
    expect(bare.partitionKey).toBe(headers['ce-id']);
    expect(bare.context).toEqual({
      correlationId: headers['ce-id'],
      causationId: headers['ce-id'],
      traceparent: undefined,
    });
    expect(Number.isNaN(Date.parse(bare.time))).toBe(false);
  });

  it('names saga and subject as the database writes them', () => {
    const saga = '0199D0A5-0000-7000-8000-00000000000A';
    const { attributes } = decode(
      delivery({ headers: { ...headers, 'ce-sagaid': saga, 'ce-subject': saga } }),
    );
    expect(attributes).toMatchObject({ sagaid: saga.toLowerCase(), subject: saga.toLowerCase() });
  });

  it('may write the ids of its saga and its subject in capitals', () => {
    const ids = {
      'ce-subject': '0199D0A5-0000-7000-8000-00000000000A',
      'ce-sagaid': '0199D0A5-0000-7000-8000-00000000000B',
    };
    expect(decode(delivery({ headers: { ...headers, ...ids } })).attributes).toMatchObject({
      subject: '0199d0a5-0000-7000-8000-00000000000a',
      sagaid: '0199d0a5-0000-7000-8000-00000000000b',
    });
  });

  it('loses a trace context that can not be passed on, and nothing else', () => {
    const message = decode(delivery({ headers: { ...headers, traceparent: 'a\u0000b' } }));
    expect(message).toEqual({
      ...decode(delivery()),
      context: { ...decode(delivery()).context, traceparent: undefined },
    });
  });

  it.each(['event', 'command', 'reply'])('may be a %s', (kind) => {
    expect(decode(delivery({ headers: { ...headers, 'ce-messagekind': kind } })).kind).toBe(kind);
  });
});

describe('a message that can not be read', () => {
  it.each<[string, Overrides, RegExp]>([
    ['has no headers', { headers: {} }, /ce-id is missing/],
    ['has no id', { headers: without('ce-id') }, /ce-id is missing/],
    ['has an empty id', { headers: { ...headers, 'ce-id': '' } }, /ce-id is missing/],
    [
      'has an id that no index can hold',
      { headers: { ...headers, 'ce-id': 'x'.repeat(201) } },
      /ce-id is longer/,
    ],
    ['has an id that no table can hold', { headers: { ...headers, 'ce-id': 'a\u0000b' } }, /ce-id is longer/],
    [
      'has a correlation id that no table can hold',
      { headers: { ...headers, 'ce-correlationid': 'a\u0000b' } },
      /ce-correlationid is longer than 1000 characters or no plain text/,
    ],
    [
      'has a partition key that would break the headers of what it causes',
      { headers: { ...headers, 'ce-partitionkey': 'a\r\nce-id: b' } },
      /ce-partitionkey is longer/,
    ],
    ['has broken Unicode', { headers: { ...headers, 'ce-saganame': '\ud800' } }, /ce-saganame is longer/],
    ['is endless', { headers: { ...headers, 'ce-time': 'x'.repeat(1_001) } }, /ce-time is longer/],
    [
      'wants its reply where none can go',
      { headers: { ...headers, 'ce-replyto': 'a b' } },
      /ce-replyto is no channel/,
    ],
    [
      'wants its reply everywhere',
      { headers: { ...headers, 'ce-replyto': '>' } },
      /ce-replyto is no channel/,
    ],
    [
      'is of a saga whose id is no UUID',
      { headers: { ...headers, 'ce-sagaid': '7' } },
      /ce-sagaid is no UUID/,
    ],
    ['is of a saga whose id is empty', { headers: { ...headers, 'ce-sagaid': '' } }, /ce-sagaid is no UUID/],
    [
      'is about a thing whose id is no UUID',
      { headers: { ...headers, 'ce-subject': `${headers['ce-subject']}0` } },
      /ce-subject is no UUID/,
    ],
    [
      'has a subject that is no UUID',
      { headers: { ...headers, 'ce-subject': 'order-1' } },
      /ce-subject is no UUID/,
    ],
    [
      'has a saga that is no UUID',
      { headers: { ...headers, 'ce-sagaid': 'saga-1' } },
      /ce-sagaid is no UUID/,
    ],
    ['has no type', { headers: without('ce-type') }, /ce-type is missing/],
    ['has an empty type', { headers: { ...headers, 'ce-type': '' } }, /ce-type is missing/],
    ['has no kind', { headers: without('ce-messagekind') }, /ce-messagekind is missing/],
    ['has an unknown kind', { headers: { ...headers, 'ce-messagekind': 'Event' } }, /none of event/],
    ['has an empty payload', { data: new Uint8Array() }, /not JSON/],
    ['is cut off', { data: Buffer.from('{"name":') }, /not JSON/],
    ['is no JSON', { data: Buffer.from('<order/>') }, /not JSON/],
    ['is no UTF-8', { data: Buffer.from([0x22, 0xc3, 0x28, 0x22]) }, /not JSON in UTF-8/],
  ])('because it %s', (_what, overrides, reason) => {
    const reading = () => decode(delivery(overrides));
    expect(reading).toThrow(UndecodableMessage);
    expect(reading).toThrow(reason);
  });
});
