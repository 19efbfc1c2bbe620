import type { Logger } from '../telemetry';
import { overloaded } from './problem';

/** How often the work under way is counted, in milliseconds, when there may be no room for more soon. */
const INTERVAL = 250;
/** While less than half of the limit is taken, only each so many times: it costs the database something. */
const CALM_TURNS = 4;

export interface AdmissionOptions {
  /** How much work may be under way. */
  readonly limit: number;
  /** Counts it where it is kept, for all replicas together; what is beyond the limit need not be counted. */
  readonly count: (limit: number) => Promise<number>;
  readonly logger: Logger;
}

/**
 * Bounds the work that requests begin and that goes on after their answer: while the limit is reached, a request for more is refused. Nothing is asked of
 * the database for a request: the work is counted once a second, while there is any, or more often when the limit is near, and what this process has begun
 * since is added. So one process never exceeds the limit, and replicas exceed it at most by what the others begin between two counts.
 */
export class Admission {
  private counted = 0;
  private isKnown = false;
  /** Work that this process began and that may not be in the count yet. */
  private begun = 0;
  /** Requests that are beginning some now. */
  private beginning = 0;
  private timer: NodeJS.Timeout | undefined;
  private turns = 0;
  private counting: Promise<void> | undefined;

  constructor(private readonly options: AdmissionOptions) {}

  /** Whether there is no room for more. */
  get isFull(): boolean {
    return this.counted + this.begun + this.beginning >= this.options.limit;
  }

  /**
   * Handles a request that begins work if it succeeds.
   * @throws {@link overloaded} when there is no room for it
   */
  async run<T>(handle: () => Promise<T>): Promise<T> {
    if (this.isFull) throw overloaded;
    this.beginning += 1;
    try {
      const result = await handle();
      this.begun += 1;
      return result;
    } finally {
      this.beginning -= 1;
    }
  }

  /** Counts now, and from time to time until it is stopped. */
  async start(): Promise<void> {
    this.timer = setInterval(() => this.turn(), INTERVAL);
    this.look();
    await this.counting;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.counting;
  }

  /** Counts once, unless nothing can be under way. */
  async count(): Promise<void> {
    if (this.isKnown && this.counted === 0 && this.begun === 0) return;
    // What is begun while the count is taken may be in it or not, and stays until the next one.
    const { begun } = this;
    this.counted = await this.options.count(this.options.limit);
    this.isKnown = true;
    this.begun -= begun;
  }

  private turn(): void {
    this.turns += 1;
    const calm = this.counted + this.begun < this.options.limit / 2;
    if (!calm || this.turns % CALM_TURNS === 0) this.look();
  }

  private look(): void {
    this.counting ??= this.count()
      .catch((error: unknown) =>
        this.options.logger.warn({ err: error }, 'the work under way could not be counted'),
      )
      .finally(() => (this.counting = undefined));
  }
}
