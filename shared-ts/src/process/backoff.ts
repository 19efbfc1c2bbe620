import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  /** First pause, in milliseconds. */
  readonly initial?: number;
  /** Longest pause, in milliseconds. */
  readonly max?: number;
  /** What each pause is multiplied by to give the next. */
  readonly factor?: number;
  /** Part of a pause that is left to chance, from 0 to 1, so that processes do not come back all at once. */
  readonly jitter?: number;
  /** From 0 (included) to 1 (not included); for tests. */
  readonly random?: () => number;
}

/** A growing series of pauses. */
export interface Backoff {
  /** The pause to make now, in milliseconds; the following one is longer. */
  next(): number;
  /** Starts over, after a success. */
  reset(): void;
}

/** Exponential back-off with jitter. A pause lies between `(1 - jitter) * step` and `step`. */
export function backoff({
  initial = 100,
  max = 10_000,
  factor = 2,
  jitter = 0.5,
  random = Math.random,
}: BackoffOptions = {}): Backoff {
  let step = Math.min(initial, max);
  return {
    next() {
      const pause = step * (1 - jitter * random());
      step = Math.min(step * factor, max);
      return pause;
    },
    reset() {
      step = Math.min(initial, max);
    },
  };
}

/**
 * Waits.
 * @param milliseconds how long
 * @throws the signal's reason as soon as it is aborted
 */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Waits for work, but not longer than a number of milliseconds. Failures count as done. */
export async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const limit = sleep(milliseconds, done.signal).catch(() => undefined);
  await Promise.race([work.catch(() => undefined), limit]);
  done.abort();
}

export interface RetryOptions {
  /** Ends the attempts. */
  readonly signal?: AbortSignal;
  readonly backoff?: Backoff;
  /** Which failures another attempt can mend; all if left out. */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Called after each failure with the number of the attempt, from 1, and the pause before the next, in milliseconds. */
  readonly onFailure?: (error: unknown, attempt: number, pause: number) => void;
}

/**
 * Attempts until it succeeds: what a process does at its start with a database or a broker that is not there yet.
 * @throws the signal's reason once it is aborted, or a failure that is not retryable
 */
export async function retryForever<Result>(
  attempt: () => Promise<Result>,
  { signal, backoff: pauses = backoff(), isRetryable = () => true, onFailure }: RetryOptions = {},
): Promise<Result> {
  for (let count = 1; ; count += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!isRetryable(error)) throw error;
      const pause = pauses.next();
      onFailure?.(error, count, pause);
      await sleep(pause, signal);
    }
  }
}
