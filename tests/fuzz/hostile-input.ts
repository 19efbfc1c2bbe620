import fc from 'fast-check';

/** Texts that have broken programs before. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        '',
        ' ',
        '\0',
        'a\0b',
        '\r\n',
        'a\r\nX-Evil: 1',
        '\u0007',
        '\u0085',
        '\ud800',
        'a\udc00b',
        '\ufeff',
        '\uffff',
      ],
      ...[
        '__proto__',
        'constructor',
        'toString',
        'hasOwnProperty',
        '$1',
        "'; DROP TABLE events; --",
        '%',
        '%00',
        '\\',
      ],
      ...[
        '-1',
        '0',
        '1e3',
        '0x10',
        '2147483648',
        '9007199254740993',
        '1e400',
        'NaN',
        'null',
        '[]',
        '{}',
        'ftgo.>',
        '*',
      ],
      ...[
        '00000000-0000-0000-0000-000000000000',
        'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
        '{00000000-0000-0000-0000-000000000000}',
      ],
      ...[
        '0000-01-01T00:00:00Z',
        '9999-12-31T23:59:59-23:59',
        '2030-02-30T00:00:00Z',
        '2030-01-01',
        '+275760-09-13T00:00:00Z',
      ],
      ...[
        'x'.repeat(201),
        'x'.repeat(9_000),
        '\u{1f600}'.repeat(201),
        'e\u0301'.repeat(150),
        '\u202egnp.exe',
        'İ'.repeat(200),
      ],
    ),
  },
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.string({ unit: 'grapheme', maxLength: 50 }),
);

/** Values of JSON that a schema is likely to have been written without. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, false, {}, [], [[]], [null], [{}], { length: 1e9 }, { toString: 1 }),
  fc.constantFrom(0, -0, -1, 0.5, 1e-320, 10_001, 2 ** 31, 2 ** 31 - 1, 2 ** 53, -(2 ** 53), 1e21, 1.7e308),
  fc.double(),
  fc.jsonValue({ maxDepth: 4 }),
);

/** A value as a path or a query would carry it; `String` would fail on an object that has a `toString` of its own. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');

type Place = readonly (string | number)[];

/** Changes one thing about a value: somewhere in it, something is replaced, left out, added or repeated. */
export const mutated = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(value, fc.nat(), fc.constantFrom(...changes), hostileValue, hostileText)
    .map(([whole, where, change, other, name]) => {
      const places = placesIn(whole);
      const place = places[where % places.length] ?? [];
      return change(structuredClone(whole), place, other, name);
    });

type Change = (whole: unknown, place: Place, other: unknown, name: string) => unknown;

const changes: readonly Change[] = [
  (whole, place, other) => replaceAt(whole, place, () => other),
  (whole, place, other) => replaceAt(whole, place, () => other),
  (whole, place) => replaceAt(whole, place, () => undefined),
  (whole, place) => replaceAt(whole, place, (part) => [part]),
  (whole, place) => replaceAt(whole, place, textOf),
  (whole, place, other, name) =>
    replaceAt(whole, place, (part) => {
      if (Array.isArray(part)) return [...(part as unknown[]), ...(part as unknown[]), other];
      if (typeof part === 'object' && part !== null) return withMember(part, name, other);
      return { [name]: part };
    }),
];

const placesIn = (value: unknown): Place[] =>
  typeof value !== 'object' || value === null
    ? [[]]
    : [[], ...Object.entries(value).flatMap(([key, part]) => placesIn(part).map((place) => [key, ...place]))];

function replaceAt(value: unknown, [key, ...rest]: Place, change: (part: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (typeof value !== 'object' || value === null) return value;
  const part = (value as Record<string, unknown>)[key];
  return withMember(value, String(key), replaceAt(part, rest, change));
}

/** Sets a member of its own, `__proto__` too. */
const withMember = (object: object, name: string, value: unknown): object =>
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });

const nested = (open: string, close: string, depth: number): Buffer =>
  Buffer.from(open.repeat(depth) + close.repeat(depth));

/** Bodies that are no JSON, or JSON that no client of good will sends. */
export const hostileBytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constantFrom(
    Buffer.alloc(0),
    Buffer.from('{'),
    Buffer.from('{"name":"x"'),
    Buffer.from('nul'),
    Buffer.from('{"name":1e400,"price":-1e400,"quantity":123456789012345678901234567890}'),
    Buffer.from('{"__proto__":{"name":"x"},"constructor":{"prototype":{"name":"x"}}}'),
    Buffer.from('{"name":"a","name":"b"}'),
    Buffer.from('{"name":"\\ud800","\\u0000":1}'),
    Buffer.from('\ufeff{"name":"x"}'),
    Buffer.from('{"name":"x"}', 'utf16le'),
    Buffer.from('{"name":"\xe9\xff"}', 'latin1'),
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    Buffer.from('{"name":"x"}\0'),
    nested('[', ']', 33),
    nested('[', ']', 45_000),
    nested('{"a":', '}', 10_000),
    Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: 6_000 }, (_, n) => [`k${n}`, n])))),
    Buffer.from(`{"name":"${'x'.repeat(99_980)}"}`),
    Buffer.alloc(100_001, ' '),
    Buffer.alloc(250_000, '1'),
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
  hostileValue.map((value) => Buffer.from(JSON.stringify(value) ?? 'null')),
);
