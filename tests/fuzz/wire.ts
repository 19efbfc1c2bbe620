import { connect, type Socket } from 'node:net';

/** An answer as it stood on the wire; header names in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One keep-alive connection that sends any bytes, also those that no HTTP client would. */
export class Wire {
  private socket: Socket | undefined;
  private received = Buffer.alloc(0);
  private look: () => void = () => undefined;

  constructor(private readonly port: number) {}

  /**
   * Sends a request and waits for its answer; connects when there is no connection.
   * @returns undefined when the connection ended without an answer
   */
  async send(bytes: Uint8Array, withoutBody = false): Promise<Answer | undefined> {
    const socket = this.socket ?? (await this.open());
    return new Promise((resolve) => {
      this.look = () => {
        const ended = socket.destroyed || socket.readableEnded;
        const found = readAnswer(this.received, withoutBody, ended);
        if (found === undefined && !ended) return;
        this.received = this.received.subarray(found?.length ?? this.received.length);
        this.look = () => undefined;
        if (ended || found?.answer.headers['connection'] === 'close') this.close();
        resolve(found?.answer);
      };
      socket.write(bytes);
      this.look();
    });
  }

  /** Sends without waiting for anything. */
  async push(bytes: Uint8Array): Promise<void> {
    const socket = this.socket ?? (await this.open());
    await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
    this.received = Buffer.alloc(0);
  }

  private open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1' }, () => {
        socket.off('error', reject);
        this.socket = socket;
        resolve(socket);
      });
      // A connection that breaks closes too, and that is what is looked at.
      socket.on('error', () => undefined).once('error', reject);
      const lookAgain = () => {
        if (this.socket === socket) this.look();
      };
      socket.on('data', (chunk) => {
        this.received = Buffer.concat([this.received, chunk]);
        lookAgain();
      });
      const over = () => {
        lookAgain();
        if (this.socket === socket) this.close();
      };
      socket.on('end', over).on('close', over);
    });
  }
}

/** The first final answer among the bytes and where it ends; undefined while it is not whole. */
function readAnswer(
  bytes: Buffer,
  withoutBody: boolean,
  ended: boolean,
): { answer: Answer; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const begin = headEnd + 4;
  if (status < 200) {
    const next = readAnswer(bytes.subarray(begin), withoutBody, ended);
    return next && { ...next, length: next.length + begin };
  }
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const answer = (body: string, length: number) => ({ answer: { status, headers, body }, length });
  if (withoutBody || status === 204 || status === 304) return answer('', begin);
  if (headers['transfer-encoding'] === 'chunked') {
    const end = bytes.indexOf('0\r\n\r\n', begin);
    return end < 0 ? undefined : answer(bytes.toString('utf8', begin, end), end + 5);
  }
  const length =
    headers['content-length'] === undefined ? bytes.length - begin : Number(headers['content-length']);
  if (headers['content-length'] === undefined && !ended) return undefined;
  if (bytes.length < begin + length) return undefined;
  return answer(bytes.toString('utf8', begin, begin + length), begin + length);
}
