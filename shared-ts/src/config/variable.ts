import { z, type ZodType } from 'zod';

/** One environment variable that a process reads. */
export interface Variable<T = unknown> {
  /** Parses the text. A schema that accepts `undefined` makes a variable without a default optional. */
  readonly schema: ZodType<T>;
  /** Text that stands in when the variable is unset or empty; without it the variable is required. */
  readonly default?: string;
  /** What it is for, in one line, as `--help` prints it. */
  readonly description: string;
  /** Its value is never printed, and it can be read from the file that `<NAME>_FILE` names. */
  readonly secret?: boolean;
}

/** A table of variables by name. */
export type Variables = Readonly<Record<string, Variable>>;

/** What a table of variables parses to: the same names, with the values' types. */
export type ConfigOf<V extends Variables> = {
  readonly [Name in keyof V]: V[Name] extends Variable<infer T> ? T : never;
};

/** A whole number, written in digits. `Number('')` is 0 and `Number('1e3')` is 1000: neither is accepted here. */
export function integer({ min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {}) {
  const limits = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  const inRange = (value: number): boolean => value >= min && value <= max;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, `must be a whole number ${limits}`)
    .transform(Number)
    .refine(inRange, `must be a whole number ${limits}`);
}

/** Any text. */
export const text = () => z.string();

/** One of some words. */
export const oneOf = <const Word extends string>(words: readonly Word[]) =>
  z.enum(words, `must be one of ${words.join(', ')}`);

/** A PostgreSQL connection string with a database in it. */
export const postgresUrl = () =>
  z
    .string()
    .refine(
      isPostgresUrl,
      'must be a connection string such as postgres://user:password@host:5432/database ' +
        '(percent-encode special characters in the password)',
    );

function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return ['postgres:', 'postgresql:'].includes(url.protocol) && url.pathname.length > 1;
}

/** One or more broker addresses, separated by commas. */
export const natsUrls = () =>
  z
    .string()
    .transform((text) => text.split(',').map((server) => server.trim()))
    .refine(
      (servers) => servers.every(isNatsUrl),
      'must be addresses such as nats://127.0.0.1:4222, separated by commas',
    );

const isNatsUrl = (text: string): boolean =>
  URL.canParse(text) && ['nats:', 'tls:'].includes(new URL(text).protocol) && new URL(text).hostname !== '';
