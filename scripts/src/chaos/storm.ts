import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind } from './faults';
import type { Random } from './random';
import type { Scene } from './scene';

/** A fault that was done. */
export interface FaultDone {
  readonly kind: string;
  readonly target: string;
}

export interface StormOptions {
  readonly scene: Scene;
  readonly random: Random;
  readonly kinds: readonly FaultKind[];
  /** Milliseconds from one fault to the next, on average. */
  readonly pace: number;
  readonly onFault: (line: string) => void;
}

/** How many faults may last at the same time. */
const AT_ONCE = 3;

/** One fault after another, some of them side by side, never two on the same target. */
export class Storm {
  readonly done: FaultDone[] = [];
  private readonly underWay = new Map<string, Promise<void>>();
  private over = false;

  constructor(private readonly options: StormOptions) {}

  /** False where there is no kind of fault to choose from, so that none will ever be done. */
  get hasFaults(): boolean {
    return this.options.kinds.length > 0;
  }

  /** What is being done at the moment. */
  get targets(): string[] {
    return [...this.underWay.keys()];
  }

  /** Goes on until `isEnough` says so or {@link stop} is called. */
  async rage(isEnough: () => boolean): Promise<void> {
    const { random, kinds, scene } = this.options;
    while (kinds.length > 0 && !this.over && !isEnough()) {
      await sleep(this.pauseLength());
      if (this.over || this.underWay.size >= AT_ONCE) continue;
      const kind = random.pickWeighted(kinds);
      const target = random.pick(kind.targets(scene));
      if (!this.underWay.has(target)) this.begin(kind, target, random.fork());
    }
  }

  /** Begins no more faults. */
  stop(): void {
    this.over = true;
  }

  /** Waits for the faults under way; nothing is paused, cut off or down for good after that. */
  async calmed(): Promise<void> {
    this.over = true;
    await Promise.all(this.underWay.values());
    this.options.scene.broker.admit();
  }

  private begin(kind: FaultKind, target: string, random: Random): void {
    const work = this.strike(kind, target, random).finally(() => this.underWay.delete(target));
    this.underWay.set(target, work);
  }

  private async strike(kind: FaultKind, target: string, random: Random): Promise<void> {
    const { scene, onFault } = this.options;
    const detail = await kind.strike(scene, target, random).catch((error: unknown) => {
      onFault(`${kind.name}: ${target}: not done: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
    if (detail === undefined) return;
    this.done.push({ kind: kind.name, target });
    onFault(`${kind.name}: ${target}${detail === '' ? '' : ` (${detail})`}`);
  }

  /** Mostly about the pace, sometimes none to speak of, and now and then a time to recover. */
  private pauseLength(): number {
    const { random, pace } = this.options;
    if (random.chance(0.1)) return pace * random.between(2, 4);
    return random.chance(0.2) ? random.between(0, 200) : pace * random.between(0.3, 1.5);
  }
}
