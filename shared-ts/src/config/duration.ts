import { z } from 'zod';

const millisecondsIn = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const isUnit = (unit: string): unit is keyof typeof millisecondsIn => unit in millisecondsIn;

/** Longest delay that a Node timer keeps (2^31 - 1 ms, about 24.8 days); a longer one would fire at once. */
const longestTimer = 2_147_483_647;

/** Reads `500ms`, `10s`, `5m`, `2h`, `7d` or plain seconds (`10`) as milliseconds; null when it is none of these. */
export function parseDuration(text: string): number | null {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  if (amount === undefined || !isUnit(unit)) return null;
  return Math.round(Number(amount) * millisecondsIn[unit]);
}

/**
 * A duration as an operator writes it, in milliseconds once parsed.
 * @param limits in milliseconds; the highest defaults to the longest that a timer can wait
 */
export function duration({ min = 0, max = longestTimer }: { min?: number; max?: number } = {}) {
  return z.string().transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== null && milliseconds >= min && milliseconds <= max) return milliseconds;
    context.addIssue(
      milliseconds === null
        ? 'must be a duration such as 500ms, 10s, 5m, 2h or 7d (a plain number is seconds)'
        : `must be a duration from ${min} to ${max} ms`,
    );
    return z.NEVER;
  });
}
