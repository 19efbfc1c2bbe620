import { setTimeout as sleep } from 'node:timers/promises';
import { LostPatience } from './client';
import type { Random } from './random';
import type { Stage } from './stories';
import { stories } from './stories';

export interface TrafficOptions {
  readonly stage: Omit<Stage, 'random'>;
  readonly random: Random;
  /** Stories begun in a second, at most. */
  readonly rate: number;
  /** Stories under way, at most: when the fleet is slow, fewer are begun. */
  readonly inFlight: number;
}

/** Keeps stories going until it is told that it is enough. */
export class Traffic {
  private underWay = 0;
  private begun = 0;
  private enough = false;
  private readonly running = new Set<Promise<void>>();
  private failure: Error | undefined;

  constructor(private readonly options: TrafficOptions) {}

  get started(): number {
    return this.begun;
  }

  get unfinished(): number {
    return this.underWay;
  }

  /** Begins stories until `isEnough` says so or {@link stop} is called; rejects when the harness itself is wrong. */
  async flow(isEnough: () => boolean): Promise<void> {
    const { rate, inFlight, random } = this.options;
    while (!this.enough && !isEnough()) {
      if (this.failure !== undefined) throw this.failure;
      if (this.underWay < inFlight) this.begin(random.fork());
      await sleep((1000 / rate) * random.between(0.5, 1.5));
    }
  }

  /** Begins no more stories. */
  stop(): void {
    this.enough = true;
  }

  /** Waits for the stories that were begun. */
  async ended(): Promise<void> {
    await Promise.all(this.running);
    if (this.failure !== undefined) throw this.failure;
  }

  private begin(random: Random): void {
    this.begun += 1;
    this.underWay += 1;
    const story = this.tell(random).finally(() => {
      this.underWay -= 1;
      this.running.delete(story);
    });
    this.running.add(story);
  }

  private async tell(random: Random): Promise<void> {
    const { stage } = this.options;
    try {
      await random.pickWeighted(stories).tell({ ...stage, random });
      stage.journal.settled += 1;
    } catch (error) {
      if (error instanceof LostPatience) stage.journal.abandoned += 1;
      else this.failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }
}
