import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit, ServerProcess } from '../infrastructure/server-process';
import { describeExit } from '../infrastructure/server-process';

/** How long to wait before a process that ended is started again; all in milliseconds. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
  /** A process that ran this long is sound: its next end counts as the first. */
  readonly soundAfterMs: number;
}

export const defaultBackOff: BackOff = { firstMs: 500, longestMs: 10_000, soundAfterMs: 30_000 };

/** The wait after an end, given the wait before this run (undefined for a first run) and how long it ran. */
export function nextWait(backOff: BackOff, lastWaitMs: number | undefined, ranForMs: number): number {
  if (lastWaitMs === undefined || ranForMs >= backOff.soundAfterMs) return backOff.firstMs;
  return Math.min(lastWaitMs * 2, backOff.longestMs);
}

/** What a {@link Supervised} process reports. */
export interface SupervisorEvents {
  /** A line for people: an unexpected end, a start that failed. */
  readonly report?: (line: string) => void;
  /** Called after each start and end, when `pid` has changed. */
  readonly changed?: () => void;
}

/**
 * A process that is kept running: when it ends without having been told to, it is launched again, with waits that
 * double while it keeps ending.
 */
export class Supervised {
  private running: ServerProcess | undefined;
  private loop: Promise<void> | undefined;
  private abort = new AbortController();
  private ends = 0;

  constructor(
    readonly name: string,
    private readonly launch: () => Promise<ServerProcess>,
    private readonly events: SupervisorEvents = {},
    private readonly backOff: BackOff = defaultBackOff,
  ) {}

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.running?.pid;
  }

  /** How often it has ended unasked since it was last started by {@link start}. */
  get unexpectedEnds(): number {
    return this.ends;
  }

  /** Launches it and keeps it running from then on. Rejects when the first launch does; nothing runs then. */
  async start(): Promise<void> {
    if (this.loop !== undefined) return;
    this.abort = new AbortController();
    this.ends = 0;
    const { signal } = this.abort;
    const first = this.launchOnce();
    this.loop = first.then(
      (running) => this.keepRunning(running, signal),
      () => void (this.loop = undefined),
    );
    await first;
  }

  /** Ends it in its orderly way, and for good; what is just being launched is waited for and ended then. */
  async stop(): Promise<void> {
    this.abort.abort();
    await this.running?.stop();
    await this.loop;
    this.loop = undefined;
  }

  /** Sends a signal; whether it is launched again afterwards depends on whether it ends. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.running?.kill(signal);
  }

  /** Kills it, for good, and does not wait. */
  abandon(): void {
    this.abort.abort();
    this.running?.kill('SIGKILL');
  }

  private async launchOnce(): Promise<ServerProcess> {
    this.running = await this.launch();
    this.events.changed?.();
    return this.running;
  }

  private async keepRunning(first: ServerProcess, signal: AbortSignal): Promise<void> {
    let current: ServerProcess | undefined = first;
    let wait: number | undefined;
    while (!signal.aborted) {
      const startedAt = Date.now();
      const end = current === undefined ? 'did not start' : await this.ended(current);
      if (signal.aborted) return;
      this.ends += 1;
      wait = nextWait(this.backOff, wait, Date.now() - startedAt);
      this.events.report?.(`${this.name} ${end}; it is started again in ${wait / 1000} s`);
      current = await this.relaunch(wait, signal);
    }
    // Told to stop while it was being launched.
    await current?.stop();
  }

  private async ended(current: ServerProcess): Promise<string> {
    const exit: Exit = await current.exited;
    this.running = undefined;
    this.events.changed?.();
    return `ended with ${describeExit(exit)}`;
  }

  private async relaunch(waitMs: number, signal: AbortSignal): Promise<ServerProcess | undefined> {
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return undefined;
    try {
      return await this.launchOnce();
    } catch (error) {
      this.events.report?.(`${this.name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}
