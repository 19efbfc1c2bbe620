import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from '../fleet/fleet';
import type { Random } from './random';

/** What a service answered in the end. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** How many earlier attempts failed in a way that does not tell whether they had an effect, or will have one: a paused service has them still to read. */
  readonly doubts: number;
}

export interface Request {
  readonly service: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** A client has waited longer than people do; the audit finds out what became of the order. */
export class LostPatience extends Error {}

/** How long one attempt may take, in milliseconds: longer than most pauses, shorter than people's patience. */
const ATTEMPT_TIMEOUT = 10_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/**
 * A client that knows what networks are like: whatever gets no answer, or one that says nothing (5xx, 408), is sent again,
 * with the same Idempotency-Key, to any replica.
 */
export class Client {
  /** @param patience milliseconds after which a request counts as unanswered */
  constructor(
    private readonly fleet: Fleet,
    private readonly random: Random,
    private readonly patience: number,
  ) {}

  /** Undefined when no answer came within the patience. */
  async send(request: Request): Promise<Answer | undefined> {
    const deadline = Date.now() + this.patience;
    let doubts = 0;
    for (let pause = FIRST_PAUSE; Date.now() < deadline; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const answer = await this.attempt(request).catch(() => undefined);
      if (answer !== undefined && isFinal(answer.status)) return { ...answer, doubts };
      doubts += 1;
      await sleep(pause * this.random.between(0.5, 1));
    }
    return undefined;
  }

  private async attempt({ service, method, path, body, idempotencyKey }: Request) {
    const replicas = this.fleet.members.filter(({ definition }) => definition.id === service);
    const response = await fetch(`${this.random.pick(replicas).url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(ATTEMPT_TIMEOUT),
    });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
  }
}

/** 408 is not: a service that was frozen in the middle of a request gives it when it wakes, and has carried nothing out (RFC 9110, 15.5.9). */
const isFinal = (status: number): boolean => status < 500 && status !== 408;
