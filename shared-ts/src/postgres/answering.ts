import type { Pool } from 'pg';

/** How long an answer counts, in milliseconds. */
const LATELY = 1_000;

/**
 * Makes the check whether the database of these pools answers. It is asked by the first of them, and only if it has not lately answered anybody: a process with too much to do takes
 * seconds to ask, and must not be taken for one without a database.
 *
 * @returns resolves when it answers, and rejects with the driver's error when it does not
 */
export function answering(
  pools: readonly [Pool, ...Pool[]],
  now: () => number = Date.now,
): () => Promise<void> {
  let answeredAt = -Infinity;
  for (const pool of pools)
    // A connection that comes back without an error is one that has worked.
    pool.on('release', (error: unknown) => {
      if (!error) answeredAt = now();
    });
  return async () => {
    if (now() - answeredAt > LATELY) await pools[0].query('SELECT 1');
  };
}
