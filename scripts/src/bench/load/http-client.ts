import { Agent, request } from 'node:http';

/** An HTTP answer; the body is parsed JSON, undefined when there is none. */
export interface Answer {
  readonly status: number;
  /** Its Retry-After. */
  readonly retryAfter?: string;
  readonly body: unknown;
}

/** JSON, with as little work as can be: it shares the machine with what it measures. */
export class HttpClient {
  private readonly agent: Agent;

  /** @param keepAlive whether a connection serves further requests; without, each request has its own */
  constructor({ keepAlive = true } = {}) {
    this.agent = new Agent({ keepAlive, maxSockets: 512 });
  }

  send(method: string, url: string, body?: unknown): Promise<Answer> {
    const data = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers =
      data === undefined ? {} : { 'content-type': 'application/json', 'content-length': data.length };
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, agent: this.agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const status = response.statusCode ?? 0;
          const retryAfter = response.headers['retry-after'];
          resolve({
            status,
            retryAfter,
            body: text.startsWith('{') ? (JSON.parse(text) as unknown) : undefined,
          });
        });
      });
      sent.on('error', reject);
      sent.end(data);
    });
  }

  /** @throws Error when the answer has another status than the one expected */
  async expect(status: number, method: string, url: string, body?: unknown): Promise<unknown> {
    const answer = await this.send(method, url, body);
    if (answer.status !== status)
      throw new Error(`${method} ${url} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  close(): void {
    this.agent.destroy();
  }
}

/** The member `name` of a JSON object, when that is text. */
export function textIn(body: unknown, name: string): string {
  const value = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const text = value.find(([key]) => key === name)?.[1] as unknown;
  if (typeof text !== 'string') throw new Error(`an answer has no ${name}: ${JSON.stringify(body)}`);
  return text;
}
