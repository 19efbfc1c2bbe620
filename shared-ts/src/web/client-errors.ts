import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerResponse } from 'node:http';
import { HttpError, problemContentType, problemOf } from './problem';

const answers: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The URL or the headers are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too long.'],
};

/** Answers what Node could not read as a request at all, so that it never reaches the routes, as a problem too. */
export function answerClientErrors(server: Server): void {
  const latest = new WeakMap<Socket, ServerResponse>();
  server.on('request', (request, response) => void latest.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const response = latest.get(socket);
    const answering = response !== undefined && response.headersSent && !response.writableFinished;
    if (error.code === 'ECONNRESET' || !socket.writable || answering) return void socket.destroy();
    const [status, detail] = answers[error.code ?? ''] ?? [400, 'This is not readable as an HTTP request.'];
    socket.end(rawAnswer(new HttpError(status, detail)), () => socket.destroy());
  });
}

function rawAnswer(error: HttpError): string {
  const body = JSON.stringify(problemOf(error));
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
