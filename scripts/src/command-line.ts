import { isAbsolute, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What `npm start` and `npm run reset` can be told after `--`. */
export interface CommandLine {
  readonly help: boolean;
  readonly freePorts: boolean;
  readonly dataDir: string;
}

/** As `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const repository = resolve(__dirname, '..', '..');

/** @throws Error in one line when an option is unknown, lacks its value or was kept by npm, or when this repository would be in the data folder */
export function parseCommandLine(
  args: readonly string[],
  environment: Environment = process.env,
): CommandLine {
  refuseKeptByNpm('free-ports', environment);
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      'free-ports': { type: 'boolean', default: false },
      'data-dir': { type: 'string' },
    },
  });
  const dataDir = dataFolder(values['data-dir'], environment);
  if (holds(dataDir, repository))
    throw new Error(`${dataDir} has this repository in it: data need a folder of their own`);
  return { help: values.help === true, freePorts: values['free-ports'] === true, dataDir };
}

/**
 * The data folder: the one that an option names, else FTGO_DATA, else `.ftgo` in the repository.
 * @throws Error when the option's name is empty, or npm has kept it
 */
export function dataFolder(option: string | undefined, environment: Environment): string {
  refuseKeptByNpm('data-dir', environment);
  if (option === '') throw new Error('--data-dir needs the name of a folder');
  // npm runs its scripts in the repository, wherever it was called.
  const here = environment['INIT_CWD'] || process.cwd();
  return resolve(here, option ?? (environment['FTGO_DATA'] || resolve(repository, '.ftgo')));
}

/** What npm takes for an option of its own, for want of a "--" before it, would be missed without a word. */
function refuseKeptByNpm(option: string, environment: Environment): void {
  if (environment[`npm_config_${option.replace('-', '_')}`] !== undefined)
    throw new Error(`npm has kept --${option} for itself: write "--" before the options`);
}

/** Whether a folder is another one, or that is somewhere in it. */
function holds(folder: string, other: string): boolean {
  const way = relative(folder, other);
  return !way.startsWith('..') && !isAbsolute(way);
}

/** An error as people should see it: its message, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
