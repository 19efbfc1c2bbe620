import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { createMetrics } from '../../src/telemetry';
import { createWebServer, defineRoute } from '../../src/web';
import { inTurns } from '../../src/web/turns';

/** A server to which things happen when the test says so, and the names of the requests that it has begun. */
function serverInTurns() {
  const server = createServer();
  const begun: unknown[] = [];
  const arrivals: bigint[] = [];
  inTurns(server, (request, _response, arrivedAt) => {
    begun.push(request);
    arrivals.push(arrivedAt);
  });
  return {
    begun,
    arrivals,
    connects: () => server.emit('connection', new Socket()),
    asks: (...names: unknown[]) =>
      names.forEach((name) => server.emit('request', name, { destroyed: false })),
    asksAndLeaves: (name: unknown) => server.emit('request', name, { destroyed: true }),
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('requests that are there at once', () => {
  it('are begun in the same turn, in their order', async () => {
    const { begun, asks } = serverInTurns();
    asks(...numbers(100));
    await nextTurn();
    expect(begun).toEqual(numbers(100));
  });

  it('are begun in several turns while somebody connects, and those that come meanwhile after them', async () => {
    const { begun, asks, connects } = serverInTurns();
    asks(...numbers(10));
    connects();
    await nextTurn();
    expect(begun).toEqual(numbers(2));
    connects();
    asks('later');
    await nextTurn();
    expect(begun).toEqual(numbers(4));
    await nextTurn();
    expect(begun).toEqual([...numbers(10), 'later']);
  });

  it('do not wait in an endless line: as many are begun as are too many', async () => {
    const { begun, asks, connects } = serverInTurns();
    asks(...numbers(1_100));
    connects();
    await nextTurn();
    expect(begun).toEqual(numbers(100));
  });

  it('are passed on with the time at which they came, not that at which they are begun', async () => {
    const { arrivals, asks } = serverInTurns();
    asks('one');
    const asked = process.hrtime.bigint();
    await nextTurn();
    expect(arrivals).toHaveLength(1);
    expect(Number(asked - (arrivals[0] ?? 0n))).toBeGreaterThanOrEqual(0);
  });

  it('are left out when their client is gone', async () => {
    const { begun, asks, asksAndLeaves } = serverInTurns();
    asksAndLeaves('gone');
    asks('here');
    await nextTurn();
    expect(begun).toEqual(['here']);
  });
});

describe('a web server', () => {
  const metrics = createMetrics('busy');
  /** How many requests were begun in each turn. */
  const begunByTurn: number[] = [];
  let inThisTurn = 0;
  const handle = async (): Promise<Record<string, never>> => {
    inThisTurn += 1;
    // Runs when what is begun in this turn has begun.
    if (inThisTurn === 1)
      queueMicrotask(() => {
        begunByTurn.push(inThisTurn);
        inThisTurn = 0;
      });
    return {};
  };
  const success = { status: 200, body: z.object({}) };
  const server = createWebServer({
    api: {
      info: { title: 'busy', version: '0' },
      routes: [defineRoute({ method: 'get', path: '/api/busy', summary: 'Counts', success, handle })],
      isUnavailable: () => false,
    },
    readiness: [],
    logger: pino({ level: 'silent' }),
    metrics,
  });

  let port: number;

  beforeAll(async () => {
    port = await server.listen(0, '127.0.0.1');
  });
  afterAll(() => server.close());

  /** Asks a hundred times by one connection while another one is made. */
  async function askAndConnect(): Promise<void> {
    const asking = connect(port, '127.0.0.1');
    await once(asking, 'connect');
    asking.write('GET /api/busy HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(100));
    const connecting = connect(port, '127.0.0.1');
    let answers = '';
    while (answers.split('HTTP/1.1 200').length <= 100) answers += String((await once(asking, 'data'))[0]);
    asking.destroy();
    connecting.destroy();
  }

  it('measures a request from when it came', async () => {
    const clock = jest
      .spyOn(process.hrtime, 'bigint')
      .mockReturnValueOnce(0n)
      .mockReturnValue(5_000_000_000n);
    await fetch(`http://127.0.0.1:${port}/api/busy`, { headers: { connection: 'close' } });
    clock.mockRestore();
    expect(await metrics.registry.metrics()).toMatch(
      /http_request_duration_seconds_sum{.*"\/api\/busy".*} 5$/m,
    );
  });

  it('begins two requests in a turn in which somebody connects', async () => {
    // Mostly at once: the system may show the requests a turn before the connection.
    while (!begunByTurn.includes(98)) await askAndConnect();
    expect(begunByTurn.slice(-2)).toEqual([2, 98]);
  });
});
