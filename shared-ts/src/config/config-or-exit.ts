import { config as readDotEnv } from 'dotenv';
import { parseConfig } from './parse-config';
import type { ConfigOf, Variable, Variables } from './variable';

/** The text of `--help`: every variable with its default and what it is for. */
export function helpText(variables: Variables): string {
  const entries = Object.entries(variables).map(([name, variable]) => [
    `  ${name}${variable.secret ? ` (or ${name}_FILE)` : ''}`,
    `      ${variable.description} [${defaultText(variable)}]`,
  ]);
  return ['Environment variables (a .env file is read too):', '', ...entries.flat(), ''].join('\n');
}

function defaultText(variable: Variable): string {
  if (variable.default !== undefined) return `default: ${variable.default}`;
  return variable.schema.safeParse(undefined).success ? 'optional' : 'required';
}

/**
 * The process's configuration from its environment and `.env` (which never overrides the environment).
 * `--help` prints the variables and ends the process with 0; a wrong value prints a line per wrong
 * variable on standard error and ends it with 1.
 */
export function configOrExit<V extends Variables>(variables: V): ConfigOf<V> {
  if (process.argv.includes('--help')) {
    process.stdout.write(helpText(variables));
    process.exit(0);
  }
  // Without `quiet`, dotenv prints a line of its own.
  readDotEnv({ quiet: true });
  const parsed = parseConfig(variables, process.env);
  if (parsed.ok) return parsed.config;
  process.stderr.write(parsed.problems.map(({ name, message }) => `${name} ${message}\n`).join(''));
  process.exit(1);
}
