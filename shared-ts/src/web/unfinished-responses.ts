import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The responses of a connection that are not closed yet, in the order of their requests. */
export type UnfinishedResponses = (socket: Socket) => ReadonlySet<ServerResponse>;

/**
 * Knows the unfinished responses of each connection, and closes them with it. Node.js itself closes the one whose turn it is and forgets those behind it: whoever waits for
 * their close would wait for ever.
 */
export function trackUnfinishedResponses(server: Server): UnfinishedResponses {
  const unfinished = new WeakMap<Socket, Set<ServerResponse>>();
  const responsesOf = (socket: Socket): Set<ServerResponse> => {
    const known = unfinished.get(socket);
    if (known !== undefined) return known;
    const responses = new Set<ServerResponse>();
    unfinished.set(socket, responses);
    socket.once('close', () => [...responses].filter(isBehindAnother).forEach(close));
    return responses;
  };
  server.on('request', ({ socket }, response) => {
    const responses = responsesOf(socket).add(response);
    response.once('close', () => responses.delete(response));
  });
  return responsesOf;
}

/** A response has its connection's socket only while it is its turn. */
const isBehindAnother = ({ socket }: ServerResponse): boolean => socket === null;

function close(response: ServerResponse): void {
  response.destroy();
  response.emit('close');
}
