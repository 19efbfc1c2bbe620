import fc from 'fast-check';
import { recipe, requests, seed } from './budget';
import { Database } from './database-state';
import { serviceFolders, startService, type RunningService } from './services';
import { Wire, type Answer } from './wire';

const SLOW = 20;

const crlf = (...lines: string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
const flood = (count: number): string[] => Array.from({ length: count }, (_, n) => `X-Flood-${n}: ${n}`);
/** Whatever a server makes of what came before, it has this to answer then. */
const lastRequest = crlf('', 'GET /api/nowhere HTTP/1.1', 'Host: fuzz', 'Connection: close');

/** What breaks servers that read HTTP for themselves: each must be answered, or the connection closed. */
const malformed: readonly Buffer[] = [
  crlf('POST /api/x HTTP/1.1', 'Content-Length: 1', 'Connection: close'),
  crlf('GET /api/x HTTP/1.0'),
  crlf('GET /api/x HTTP/9.9', 'Host: fuzz'),
  crlf('GET /api/x'),
  crlf('get /api/x HTTP/1.1', 'Host: fuzz'),
  crlf('GET  /api/x  HTTP/1.1', 'Host: fuzz'),
  crlf('PRI * HTTP/2.0', '', 'SM'),
  crlf('OPTIONS * HTTP/1.1', 'Host: fuzz', 'Connection: close'),
  crlf('GET foo://bar HTTP/1.1', 'Host: fuzz', 'Connection: close'),
  crlf('GET http://[::1 HTTP/1.1', 'Host: fuzz', 'Connection: close'),
  crlf('CONNECT elsewhere:443 HTTP/1.1', 'Host: fuzz'),
  crlf('GET /api/x HTTP/1.1', 'Host: fuzz', 'Expect: a miracle', 'Connection: close'),
  crlf('GET /api/x HTTP/1.1', 'Host: fuzz', 'X: a\0b'),
  crlf('GET /api/x HTTP/1.1', 'Host: fuzz', ' folded: header'),
  crlf('GET /api/x HTTP/1.1', 'Host : fuzz'),
  crlf('GET /api/x HTTP/1.1', 'Host: fuzz', 'no colon'),
  crlf('GET /api/x HTTP/1.1', 'Host: fuzz', ': no name'),
  crlf('GET /api/x HTTP/1.1', 'Host: fuzz', ...flood(300), 'Connection: close'),
  crlf('GET /api/x HTTP/1.1', 'Host: fuzz', ...flood(5_000)),
  crlf('GET /api/x HTTP/1.1', 'Host: fuzz', `X: ${'x'.repeat(20_000)}`),
  crlf(`GET /${'x'.repeat(20_000)} HTTP/1.1`, 'Host: fuzz'),
  crlf('POST /api/x HTTP/1.1', 'Host: fuzz', 'Content-Length: -1'),
  crlf('POST /api/x HTTP/1.1', 'Host: fuzz', 'Content-Length: 1e3'),
  crlf('POST /api/x HTTP/1.1', 'Host: fuzz', 'Content-Length: 5', 'Content-Length: 6'),
  crlf('POST /api/x HTTP/1.1', 'Host: fuzz', 'Content-Length: 99999999999999999999'),
  crlf('POST /api/x HTTP/1.1', 'Host: fuzz', 'Content-Length: 5', 'Transfer-Encoding: chunked', '', '0'),
  crlf('POST /api/x HTTP/1.1', 'Host: fuzz', 'Transfer-Encoding: gzip'),
  crlf('POST /api/x HTTP/1.1', 'Host: fuzz', 'Transfer-Encoding: chunked', '', 'zz', 'what'),
  crlf('POST /api/x HTTP/1.1', 'Host: fuzz', 'Transfer-Encoding: chunked', '', 'ffffffffffffffffff', 'what'),
  crlf(
    'POST /api/x HTTP/1.1',
    'Host: fuzz',
    'Transfer-Encoding: chunked',
    '',
    `1;${'x'.repeat(20_000)}`,
    'a',
    '0',
  ),
  Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
  Buffer.from('\0'.repeat(100)),
];

describe.each(serviceFolders)('the %s service, given what is hardly HTTP', (folder) => {
  let service: RunningService;
  let database: Database;

  beforeAll(async () => {
    service = await startService(folder);
    database = await Database.open(service.pool);
  });

  afterAll(() => service.close());

  test('answers it by a problem and stays up', async () => {
    const random = fc.sample(fc.oneof(fragments, noise), {
      seed,
      numRuns: Math.ceil(requests / 10 / serviceFolders.length),
    });
    const before = await database.state();
    const findings: string[] = [];
    for (const bytes of [...malformed, ...random]) {
      const wire = new Wire(service.port);
      const answer = await wire.send(Buffer.concat([bytes, lastRequest]));
      wire.close();
      const law = brokenLaw(answer);
      if (law !== undefined)
        findings.push(`${law}\n${bytes.toString('latin1').slice(0, 300)}\n${JSON.stringify(answer)}`);
    }
    expect({ findings, faults: service.faults, recipe }).toEqual({ findings: [], faults: [], recipe });
    expect(await database.state()).toEqual(before);
  });

  test('serves others while bodies come slowly or never end, and writes nothing for these', async () => {
    const before = await database.state();
    const posts = service.routes.filter(({ body }) => body !== undefined);
    const slow = Array.from({ length: SLOW }, () => new Wire(service.port));
    for (const [index, wire] of slow.entries()) {
      const path = posts[index % Math.max(posts.length, 1)]?.path ?? '/api/nowhere';
      const method = posts[index % Math.max(posts.length, 1)]?.method.toUpperCase() ?? 'POST';
      await wire.push(
        crlf(
          `${method} ${path} HTTP/1.1`,
          'Host: fuzz',
          'Content-Type: application/json',
          'Content-Length: 90000',
        ),
      );
      for (const byte of '{"name":"') await wire.push(Buffer.from(byte));
    }
    const wire = new Wire(service.port);
    const answer = await wire.send(crlf('GET /ping HTTP/1.1', 'Host: fuzz'));
    expect(answer?.status).toBe(200);
    for (const each of [wire, ...slow]) each.close();
    expect({ state: await database.state(), faults: service.faults }).toEqual({ state: before, faults: [] });
  });
});

/** Pieces of HTTP in an order that makes little sense. */
const fragments = fc
  .array(
    fc.constantFrom(
      ...[
        'GET ',
        'POST ',
        '/api/orders',
        ' HTTP/1.1',
        '\r\n',
        '\r',
        '\n',
        'Host: fuzz',
        'Transfer-Encoding: chunked',
        ':',
        ' ',
      ],
      ...[
        '5\r\nhello\r\n',
        '0\r\n\r\n',
        '{"name":',
        '\0',
        '\xff',
        'Connection: upgrade',
        'Upgrade: h2c',
        'HTTP/1.1 200 OK',
      ],
    ),
    { maxLength: 14 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

/** Only a connection that is closed needs no answer. */
function brokenLaw(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return 'there was no answer';
  const { status, headers } = answer;
  if (status < 400 || status >= 500) return 'not the fault of the client';
  if (!headers['content-type']?.startsWith('application/problem+json')) return 'no problem';
  if (headers['x-request-id'] === undefined) return 'no X-Request-ID';
  return undefined;
}
