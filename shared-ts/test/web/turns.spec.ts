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
  inTurns(server, (request) => begun.push(request));
  return {
    begun,
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

  it('are left out when their client is gone', async () => {
    const { begun, asks, asksAndLeaves } = serverInTurns();
    asksAndLeaves('gone');
    asks('here');
    await nextTurn();
    expect(begun).toEqual(['here']);
  });
});

describe('a web server', () => {
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
    metrics: createMetrics('busy'),
  });

  afterAll(() => server.close());

  /** Asks a hundred times by one connection while another one is made. */
  async function askAndConnect(port: number): Promise<void> {
    const asking = connect(port, '127.0.0.1');
    await once(asking, 'connect');
    asking.write('GET /api/busy HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(100));
    const connecting = connect(port, '127.0.0.1');
    let answers = '';
    while (answers.split('HTTP/1.1 200').length <= 100) answers += String((await once(asking, 'data'))[0]);
    asking.destroy();
    connecting.destroy();
  }

  it('begins two requests in a turn in which somebody connects', async () => {
    const port = await server.listen(0, '127.0.0.1');
    // Mostly at once: the system may show the requests a turn before the connection.
    while (!begunByTurn.includes(98)) await askAndConnect(port);
    expect(begunByTurn.slice(-2)).toEqual([2, 98]);
  });
});
