import { readFileSync } from 'node:fs';
import type { ConfigOf, Variable, Variables } from './variable';

/** A wrong or missing variable. */
export interface ConfigProblem {
  readonly name: string;
  /** Continues the name: "must be a whole number ...". Never holds a secret's value. */
  readonly message: string;
}

export type ParsedConfig<V extends Variables> =
  | { readonly ok: true; readonly config: ConfigOf<V> }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** The environment, as `process.env` has it. */
export type Environ = Readonly<Record<string, string | undefined>>;

type ReadFile = (path: string) => string;
type Outcome = { readonly value: unknown } | { readonly problem: string };

/**
 * Reads all variables of a table, and names every one that is wrong, not only the first.
 * An empty variable counts as unset, since that is how compose files pass on what is not there.
 * @param readFile gives the content of a file that holds a secret (Docker and Kubernetes mount them so)
 */
export function parseConfig<V extends Variables>(
  variables: V,
  environ: Environ,
  readFile: ReadFile = (path) => readFileSync(path, 'utf8'),
): ParsedConfig<V> {
  const problems: ConfigProblem[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const outcome = parseVariable(name, variable, environ, readFile);
    if ('problem' in outcome) problems.push({ name, message: outcome.problem });
    else config[name] = outcome.value;
  }
  // Every name of the table was given its schema's output above, or there is a problem.
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: config as ConfigOf<V> };
}

function parseVariable(name: string, variable: Variable, environ: Environ, readFile: ReadFile): Outcome {
  const given = givenText(name, variable, environ, readFile);
  if ('problem' in given) return given;
  const text = given.value || variable.default;
  const parsed = variable.schema.safeParse(text);
  if (parsed.success) return { value: parsed.data };
  if (text === undefined) return { problem: `is required: ${variable.description}` };
  const reason = parsed.error.issues[0]?.message ?? 'is wrong';
  return { problem: variable.secret ? reason : `${reason}, not ${JSON.stringify(text)}` };
}

/** The text of the variable, or for a secret that of the file that `<NAME>_FILE` names. */
function givenText(
  name: string,
  variable: Variable,
  environ: Environ,
  readFile: ReadFile,
): { readonly value: string | undefined } | { readonly problem: string } {
  const value = environ[name];
  const path = variable.secret ? environ[`${name}_FILE`] : undefined;
  if (!path) return { value };
  if (value) return { problem: `and ${name}_FILE are both set: set one of them` };
  try {
    return { value: readFile(path).trimEnd() };
  } catch {
    return { problem: `can't be read from ${name}_FILE ${JSON.stringify(path)}` };
  }
}
