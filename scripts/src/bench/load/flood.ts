import { setTimeout as sleep } from 'node:timers/promises';
import type { FtgoClient } from './ftgo-client';
import type { Flood, FloodPlan } from './load';

/** How often what is due is begun, in milliseconds. */
const tickMs = 5;
/** So many orders one after the other must be calm for the fleet to count as recovered. */
const calmOrders = 5;
/** When the fleet counts as not recovering, in milliseconds. */
const patienceMs = 60_000;
const failuresKept = 5;
/** Pause between two probes, in milliseconds. */
const probePauseMs = 100;

/** Requests for orders at a rate, whatever becomes of them: a client that is told to come later does not. */
export class Flooding {
  private readonly answers: Record<string, number> = {};
  private readonly acceptedIds: string[] = [];
  private readonly ends = { approved: 0, rejected: 0 };
  private readonly failures: string[] = [];
  private readonly accepted: number[] = [];
  private readonly refused: number[] = [];
  private readonly ended: number[] = [];
  private readonly probe: number[] = [];
  private refusedWithoutRetryAfter = 0;
  private sent = 0;

  /** @param order sends a request for an order, from anybody to anywhere */
  constructor(
    private readonly client: FtgoClient,
    private readonly order: () => ReturnType<FtgoClient['tryOrder']>,
  ) {}

  /** Floods, then looks how long it takes until orders are calm again, and waits for all that was accepted. */
  async run({ perSecond, seconds, calmMs }: FloodPlan): Promise<Flood> {
    const underWay: Promise<number | undefined>[] = [];
    const startedAt = performance.now();
    const probing = this.probeUntil(startedAt + seconds * 1000);
    for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - startedAt) / 1000) {
      for (const due = Math.floor(elapsed * perSecond); this.sent < due;) underWay.push(this.once());
      await sleep(tickMs);
    }
    const stoppedAt = performance.now();
    const sentInFlood = this.sent;
    const approvedInFlood = this.ends.approved;
    const recoveredAfterMs = await this.untilCalm(stoppedAt, calmMs);
    await Promise.all([...underWay, probing]);
    return {
      seconds: (stoppedAt - startedAt) / 1000,
      sent: sentInFlood,
      approvedPerSecond: approvedInFlood / ((stoppedAt - startedAt) / 1000),
      answers: this.answers,
      refusedWithoutRetryAfter: this.refusedWithoutRetryAfter,
      acceptedIds: this.acceptedIds,
      ends: this.ends,
      latencies: { accepted: this.accepted, refused: this.refused, ended: this.ended, probe: this.probe },
      recoveredAfterMs,
      failures: this.failures,
    };
  }

  private async untilCalm(since: number, calmMs: number): Promise<number | undefined> {
    for (let calm = 0; performance.now() - since < patienceMs;) {
      const ms = await this.once();
      calm = ms !== undefined && ms <= calmMs ? calm + 1 : 0;
      if (calm === calmOrders) return performance.now() - since;
      // Not at once again: whoever is refused waits, and whoever is served leaves room for others.
      await sleep(20);
    }
    return undefined;
  }

  /** One request and, when it is accepted, the order's end. @returns how long it took to the approval, in milliseconds */
  private async once(): Promise<number | undefined> {
    this.sent += 1;
    const sentAt = performance.now();
    const taken = () => performance.now() - sentAt;
    try {
      const { status, retryAfter, body, orderId } = await this.order();
      this.countAnswer(orderId === undefined ? `${status} ${codeIn(body)}` : String(status));
      if (orderId === undefined) {
        this.refused.push(taken());
        if (retryAfter === undefined) this.refusedWithoutRetryAfter += 1;
        return undefined;
      }
      this.acceptedIds.push(orderId);
      this.accepted.push(taken());
      const end = await this.client.end(orderId);
      this.ends[end] += 1;
      this.ended.push(taken());
      return end === 'approved' ? taken() : undefined;
    } catch (error) {
      this.fail(error);
      this.countAnswer('none');
      return undefined;
    }
  }

  /** Looks whether whoever watches the fleet still sees it: one probe after the other, each by a connection of its own. */
  private async probeUntil(end: number): Promise<void> {
    while (performance.now() < end) {
      const sentAt = performance.now();
      await this.client.probe().then(
        () => this.probe.push(performance.now() - sentAt),
        (error: unknown) => this.fail(error),
      );
      await sleep(probePauseMs);
    }
  }

  private fail(error: unknown): void {
    if (this.failures.length < failuresKept)
      this.failures.push(error instanceof Error ? error.message : String(error));
  }

  private countAnswer(answer: string): void {
    this.answers[answer] = (this.answers[answer] ?? 0) + 1;
  }
}

/** The code of a problem. */
const codeIn = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : 'without a code';
