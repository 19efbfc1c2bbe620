import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, parseCommandLine } from './command-line';
import { RunningProcesses } from './fleet/running-processes';
import { removePostgresData } from './infrastructure/postgres';

const help = `npm run reset -- [--data-dir DIR]: removes the data, logs and passwords of a fleet that is not running.`;

/** What a launcher that was killed left running is ended first: it would go on writing into removed files. */
async function main(): Promise<void> {
  const { help: wantsHelp, dataDir } = parseCommandLine(process.argv.slice(2));
  if (wantsHelp) return console.log(help);
  const running = new RunningProcesses(join(dataDir, 'pids.json'));
  const launcher = running.otherLauncher();
  if (launcher !== undefined)
    throw new Error(`the fleet of ${dataDir} is running (pid ${launcher}): stop it first`);
  if (existsSync(dataDir) && !isDataFolder(dataDir))
    throw new Error(`${dataDir} holds no fleet's data: left as it is`);
  await running.endLeftovers();
  removePostgresData(join(dataDir, 'postgres'));
  rmSync(dataDir, { recursive: true, force: true });
  console.log(`removed ${dataDir}`);
}

/** A slip in `--data-dir` must not cost anything: only what a fleet has made is removed. */
function isDataFolder(dataDir: string): boolean {
  return ['pids.json', 'secrets.json', 'logs'].some((name) => existsSync(join(dataDir, name)));
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
