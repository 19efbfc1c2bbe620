import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until there is something to see. jest's own time limit ends a wait in vain. */
export async function waitFor<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await sleep(20);
  }
}
