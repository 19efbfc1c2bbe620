import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** So many requests are begun in a turn in which somebody connects: more than one, or the others' would wait as long as there are new connections. */
const WHILE_SOMEBODY_CONNECTS = 2;
/**
 * So many wait for another turn at most: a client may send thousands by one connection, and none of them counts as under way. More than there are connections in most floods, or
 * turns would be long again before all of them are made.
 */
const LONGEST_LINE = 1_000;

/** @param arrivedAt in the process's nanoseconds */
type Listener = (request: IncomingMessage, response: ServerResponse, arrivedAt: bigint) => void;

/**
 * Passes a server's requests on in their order: all that are there in one turn of the event loop, but only some while somebody connects. One whose client is gone before is
 * neither begun nor counted.
 *
 * Node.js takes one new connection a turn (https://github.com/libuv/libuv/pull/3696), but reads from all that are open. In a flood, a turn would last until all of them are
 * answered, and whoever connects, be it a probe, would wait for as many turns as there are others who do.
 */
export function inTurns(server: Server, listener: Listener): void {
  let line: (() => void)[] = [];
  let hasConnected = false;
  let isScheduled = false;

  const begin = (): void => {
    const places = hasConnected ? Math.max(WHILE_SOMEBODY_CONNECTS, line.length - LONGEST_LINE) : line.length;
    const first = line.slice(0, places);
    line = line.slice(places);
    hasConnected = false;
    isScheduled = false;
    if (line.length > 0) schedule();
    for (const each of first) each();
  };
  /** After what has come in by now, in this turn. */
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(begin);
  };
  server.on('connection', () => {
    hasConnected = true;
    schedule();
  });
  server.on('request', (request, response) => {
    const arrivedAt = process.hrtime.bigint();
    line.push(() => {
      if (!response.destroyed) listener(request, response, arrivedAt);
    });
    schedule();
  });
}
