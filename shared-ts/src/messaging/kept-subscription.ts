import { backoff, retryForever, type Backoff } from '../process';
import type { Logger } from '../telemetry';
import type { Subscription } from './broker';

/** A pull of messages under way; it ends when its stream or consumer is deleted. */
export interface Pull {
  /** Resolves when it has ended, with the reason if there is one. */
  closed(): Promise<unknown>;
  close(): Promise<unknown>;
}

/**
 * Keeps a pull going: one that ends under us is made again, for as long as the subscription lives. While that does not
 * succeed there is one warning, not one an attempt.
 *
 * @param make makes the pull, and all it needs
 * @param over whether the connection is closed for good, and nothing is to be made again
 * @param pauses between attempts: services must not ask in step, and not for minutes many times a second
 * @throws what `make` throws the first time
 */
export async function keepSubscribed(
  make: () => Promise<Pull>,
  over: () => boolean,
  logger: Logger,
  pauses: Backoff = backoff({ initial: 250, max: 5_000 }),
): Promise<Subscription> {
  const stop = new AbortController();
  let current = await make();
  let down = false;
  const again = async (): Promise<void> => {
    let failures = 0;
    pauses.reset();
    current = await retryForever(make, {
      signal: stop.signal,
      backoff: pauses,
      isRetryable: () => !over(),
      onFailure: (error, attempt) => {
        failures = attempt;
        if (attempt === 1) logger.warn({ err: error }, 'the subscription is missing and is tried again');
      },
    });
    if (failures > 0) logger.info({ failures }, 'the subscription is there again');
    // Stopped while it was being made: whoever stops it has closed the one before.
    if (stop.signal.aborted) await current.close();
  };
  const keep = async (): Promise<void> => {
    for (;;) {
      const error = await current.closed();
      if (stop.signal.aborted || over()) return;
      down = true;
      logger.info({ err: error }, 'the subscription ended and is made again');
      try {
        await again();
      } catch {
        // Stopped, or closed for good: there is no other failure that would not be tried again.
        return;
      }
      down = false;
    }
  };
  const kept = keep();
  return {
    get down() {
      return down;
    },
    stop: async () => {
      stop.abort();
      await current.close();
      await kept;
    },
  };
}
