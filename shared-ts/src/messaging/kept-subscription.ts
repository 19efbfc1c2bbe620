import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../telemetry';
import type { Subscription } from './broker';

const RETRY_PAUSE = 500;

/** A pull of messages under way; it ends when its stream or consumer is deleted. */
export interface Pull {
  /** Resolves when it has ended, with the reason if there is one. */
  closed(): Promise<unknown>;
  close(): Promise<unknown>;
}

/**
 * Keeps a pull going: one that ends under us is made again, for as long as the subscription lives.
 *
 * @param make makes the pull, and all it needs
 * @param over whether the connection is closed for good, and nothing is to be made again
 * @throws what `make` throws the first time
 */
export async function keepSubscribed(
  make: () => Promise<Pull>,
  over: () => boolean,
  logger: Logger,
): Promise<Subscription> {
  let stopped = false;
  let current = await make();
  const again = async (): Promise<void> => {
    while (!stopped && !over()) {
      try {
        current = await make();
        // Stopped while it was being made: whoever stops it has closed the one before.
        if (stopped) await current.close();
        return;
      } catch (failure) {
        logger.warn({ err: failure }, 'the subscription could not be made yet');
        await sleep(RETRY_PAUSE);
      }
    }
  };
  const keep = async (): Promise<void> => {
    for (;;) {
      const error = await current.closed();
      if (stopped || over()) return;
      logger.warn({ err: error }, 'the subscription ended and is made again');
      await again();
    }
  };
  const kept = keep();
  return {
    stop: async () => {
      stopped = true;
      await current.close();
      await kept;
    },
  };
}
