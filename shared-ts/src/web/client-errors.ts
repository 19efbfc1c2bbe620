import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { newId } from '../ids';
import { HttpError, problemContentType, problemOf } from './problem';
import type { UnfinishedResponses } from './unfinished-responses';

const answers: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The URL or the headers are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too long.'],
};

/**
 * Answers what Node could not read as a request at all, so that it never reaches the routes, as a problem too. Requests that came whole before it on the same
 * connection get their own answers first.
 */
export function answerClientErrors(server: Server, unfinishedOf: UnfinishedResponses): void {
  const unreadable = new WeakSet<Socket>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    // What follows can't be read either.
    if (unreadable.has(socket)) return;
    unreadable.add(socket);
    const responses = unfinishedOf(socket);
    const [status, detail] = answers[error.code ?? ''] ?? [400, 'This is not readable as an HTTP request.'];
    const answer = (): void => {
      const isBeingAnswered = [...responses].some(({ headersSent }) => headersSent);
      if (!socket.writable || isBeingAnswered) socket.destroy();
      else endWith(socket, new HttpError(status, detail));
    };
    const before = [...responses].findLast(({ req }) => req.complete);
    if (before === undefined) return answer();
    socket.pause();
    before.once('close', answer);
  });
  // What Node would do by itself: hang up on a CONNECT, and answer an unknown expectation without a problem.
  server.on('connect', (_request, socket) => endWith(socket, new HttpError(400, 'This server is no proxy.')));
  // A server may leave expectations unmet that it does not know (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
}

function endWith(socket: Duplex, error: HttpError): void {
  socket.on('error', () => socket.destroy());
  socket.end(rawAnswer(error), () => socket.destroy());
}

function rawAnswer(error: HttpError): string {
  const requestId = newId();
  const body = JSON.stringify({ ...problemOf(error), request_id: requestId });
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
    `X-Request-ID: ${requestId}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
