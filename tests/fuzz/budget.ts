import { randomInt } from 'node:crypto';

/** Where the random generators begin: the same seed makes the same input again. `FTGO_FUZZ_SEED` gives one. */
export const seed = numberFrom('FTGO_FUZZ_SEED') ?? randomInt(2 ** 31);

/** `npm run fuzz`, rather than a part of `npm test`. */
const isLongRun = process.env['npm_lifecycle_event'] === 'fuzz';

/** How many HTTP requests are sent in all, and messages in proportion. `FTGO_FUZZ_RUNS` gives another number. */
export const requests = numberFrom('FTGO_FUZZ_RUNS') ?? (isLongRun ? 200_000 : 11_000);

/** How many messages of each name and each kind of input every service gets. */
export const messagesEach = Math.max(1, Math.round(requests / 5_000));

/** To a failure, how to have it again. */
export const recipe = `again by FTGO_FUZZ_SEED=${seed} FTGO_FUZZ_RUNS=${requests}`;

function numberFrom(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`${variable} must be a whole number, not ${text}`);
  return value;
}
