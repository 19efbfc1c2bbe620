import { withoutPasswords } from '../telemetry';

/** One thing that a process needs to do its work. */
export interface ReadinessCheck {
  readonly name: string;
  /** Resolves when it is there, and rejects with the reason when it is not. */
  readonly check: () => Promise<void>;
}

/** The answer of `GET /ready`. */
export type Readiness =
  | { readonly status: 'ready'; readonly checks: Readonly<Record<string, 'ok'>> }
  | {
      readonly status: 'not ready';
      readonly reasons: readonly { readonly check: string; readonly reason: string }[];
    };

/** How long a check may take, in milliseconds. */
const timeLimit = 2_000;

/** Runs all checks side by side and gives every reason against, not only the first. */
export async function readinessOf(checks: readonly ReadinessCheck[], limit = timeLimit): Promise<Readiness> {
  const outcomes = await Promise.all(checks.map((each) => reasonAgainst(each, limit)));
  const reasons = outcomes.filter((outcome) => outcome !== null);
  if (reasons.length > 0) return { status: 'not ready', reasons };
  return { status: 'ready', checks: Object.fromEntries(checks.map(({ name }) => [name, 'ok'])) };
}

async function reasonAgainst({ name, check }: ReadinessCheck, limit: number) {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limit} ms`)), limit);
  });
  try {
    await Promise.race([check(), tooLate]);
    return null;
  } catch (error) {
    return {
      check: name,
      reason: withoutPasswords(error instanceof Error ? reasonOf(error) : String(error)),
    };
  } finally {
    clearTimeout(timer);
  }
}

/** Node's error for a host with several addresses has an empty message of its own. */
const reasonOf = (error: Error): string =>
  error.message || ('code' in error && typeof error.code === 'string' ? error.code : error.name);
