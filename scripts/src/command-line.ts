import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What `npm start` and `npm run reset` can be told after `--`. */
export interface CommandLine {
  readonly help: boolean;
  readonly freePorts: boolean;
  readonly dataDir: string;
}

/** @throws Error in one line when an option is unknown or lacks its value */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      'free-ports': { type: 'boolean', default: false },
      'data-dir': { type: 'string' },
    },
  });
  const dataDir = values['data-dir'] ?? process.env['FTGO_DATA'] ?? resolve(__dirname, '..', '..', '.ftgo');
  return { help: values.help === true, freePorts: values['free-ports'] === true, dataDir: resolve(dataDir) };
}

/** An error as people should see it: its message, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
