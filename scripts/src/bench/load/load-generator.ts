import { setTimeout as sleep } from 'node:timers/promises';
import { Flooding } from './flood';
import type { FtgoClient } from './ftgo-client';
import type { Activity, Flood, FloodPlan, Load, Pace, Parties, Step, Timing, Window, Work } from './load';

/** How many may be under way at a given rate: a fleet that cannot keep up is not buried. */
const mostInFlight = 500;
/** How often what is due at a given rate is begun, in milliseconds. */
const tickMs = 5;
const failuresKept = 5;

/** What is being measured now. */
class Recording {
  readonly latencies: Partial<Record<Activity, number[]>> = {};
  readonly failures: string[] = [];
  failed = 0;
}

/** Loads a fleet from within this process. */
export class LoadGenerator implements Load {
  private parties: Parties = { consumers: [], restaurants: [] };
  private recording = new Recording();
  private working = false;
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly client: FtgoClient) {}

  async prepare(consumers: number, restaurants: number): Promise<Parties> {
    const make = (count: number, one: () => Promise<string>) =>
      Promise.all(Array.from({ length: count }, one));
    this.parties = {
      consumers: await make(consumers, () => this.client.consumer()),
      restaurants: await make(restaurants, () => this.client.restaurant()),
    };
    return this.parties;
  }

  async use(parties: Parties): Promise<void> {
    this.parties = parties;
  }

  async begin(work: Work, pace: Pace): Promise<void> {
    this.working = true;
    const once = work === 'orders' ? () => this.placeOrder() : () => this.placeAndChange();
    if ('perSecond' in pace) this.keep(this.dripping(once, pace.perSecond));
    else for (let worker = 0; worker < pace.inFlight; worker += 1) this.keep(this.looping(once));
  }

  async window(seconds: number): Promise<Window> {
    this.recording = new Recording();
    const startedAt = performance.now();
    await sleep(seconds * 1000);
    const { latencies, failures, failed } = this.recording;
    this.recording = new Recording();
    return { seconds: (performance.now() - startedAt) / 1000, latencies, failures, failed };
  }

  async end(): Promise<void> {
    this.working = false;
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  async sequence(step: Step, count: number, pauseMs: number): Promise<readonly Timing[]> {
    const timings: Timing[] = [];
    for (let index = 0; index < count; index += 1) {
      // Set anew each time: where the time of day is being corrected, the two clocks drift apart by a millisecond in half a minute.
      const clock = wallClock();
      await sleep(pauseMs);
      timings.push(await this.timed(step, clock));
    }
    return timings;
  }

  flood(plan: FloodPlan): Promise<Flood> {
    const order = () => this.client.tryOrder(oneOf(this.parties.consumers), oneOf(this.parties.restaurants));
    return new Flooding(this.client, order).run(plan);
  }

  courier(id: string): Promise<void> {
    return this.client.courier(id);
  }

  async states(orderId: string): Promise<readonly (string | undefined)[]> {
    return [await this.client.state(orderId), await this.client.historyStatus(orderId)];
  }

  private async timed(step: Step, clock: () => number): Promise<Timing> {
    const consumer = oneOf(this.parties.consumers);
    // What a step needs and what is not timed.
    const approved =
      step === 'schedule' ? await this.client.order(consumer, oneOf(this.parties.restaurants)) : undefined;
    const sentAt = clock();
    let orderId = approved?.orderId ?? '';
    if (step === 'search') await this.client.search(consumer);
    else if (approved === undefined)
      ({ orderId } = await this.client.order(consumer, oneOf(this.parties.restaurants)));
    else {
      await this.client.accept(approved.ticketId);
      await this.client.untilScheduled(orderId);
    }
    return { orderId, sentAt, ms: clock() - sentAt };
  }

  private async looping(once: () => Promise<void>): Promise<void> {
    while (this.working) await once();
  }

  private async dripping(once: () => Promise<void>, perSecond: number): Promise<void> {
    const startedAt = performance.now();
    let begun = 0;
    while (this.working) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
      for (; begun < due; begun += 1) {
        if (this.underWay.size < mostInFlight) this.keep(once());
        else this.failed(new Error(`more than ${mostInFlight} under way: left out`));
      }
      await sleep(tickMs);
    }
  }

  /** One order; what fails is counted, and the work goes on. */
  private async placeOrder(): Promise<void> {
    await this.attempt('approval', () => this.newOrder());
  }

  /** An order and, by lot, what people do with orders afterwards; every second time somebody looks at the history. */
  private async placeAndChange(): Promise<void> {
    const order = await this.attempt('approval', () => this.newOrder());
    if (order === undefined) return;
    const lot = Math.random();
    if (lot < 0.2) await this.attempt('cancellation', () => this.client.cancel(order.orderId));
    else if (lot < 0.4) await this.attempt('revision', () => this.client.revise(order.orderId));
    else if (lot < 0.8) await this.attempt('acceptance', () => this.client.accept(order.ticketId));
    if (Math.random() < 0.5)
      await this.attempt('search', () => this.client.search(oneOf(this.parties.consumers)));
  }

  private newOrder() {
    return this.client.order(oneOf(this.parties.consumers), oneOf(this.parties.restaurants));
  }

  private async attempt<T>(activity: Activity, act: () => Promise<T>): Promise<T | undefined> {
    const startedAt = performance.now();
    try {
      const result = await act();
      (this.recording.latencies[activity] ??= []).push(performance.now() - startedAt);
      return result;
    } catch (error) {
      this.failed(error);
      // A fleet that refuses everything is not asked a thousand times a second.
      await sleep(100);
      return undefined;
    }
  }

  private failed(error: unknown): void {
    this.recording.failed += 1;
    if (this.recording.failures.length < failuresKept)
      this.recording.failures.push(error instanceof Error ? error.message : String(error));
  }

  private keep(work: Promise<void>): void {
    const kept = work.finally(() => this.underWay.delete(kept));
    this.underWay.add(kept);
  }
}

function oneOf(ids: readonly string[]): string {
  const id = ids[Math.floor(Math.random() * ids.length)];
  if (id === undefined) throw new Error('nobody to order for: prepare first');
  return id;
}

/** The time of day in milliseconds with a fraction, as the database and the broker see it: Date.now() alone is too coarse. */
function wallClock(): () => number {
  const before = Date.now();
  let tick = before;
  while (tick === before) tick = Date.now();
  const offset = tick - performance.now();
  return () => performance.now() + offset;
}
