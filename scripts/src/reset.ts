import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, parseCommandLine } from './command-line';
import { isDataFolder, removeData } from './fleet/data-folder';
import { RunningProcesses } from './fleet/running-processes';

const help = `npm run reset -- [--data-dir DIR]: removes the data, logs and passwords of a fleet that is not running.`;

/** What a launcher that was killed left running is ended first: it would go on writing into removed files. */
async function main(): Promise<void> {
  const { help: wantsHelp, dataDir } = parseCommandLine(process.argv.slice(2));
  if (wantsHelp) return console.log(help);
  const running = new RunningProcesses(join(dataDir, 'pids.json'));
  const launcher = running.otherLauncher();
  if (launcher !== undefined)
    throw new Error(`the fleet of ${dataDir} is running (pid ${launcher}): stop it first`);
  if (!existsSync(dataDir)) return console.log(`nothing to remove: there is no ${dataDir}`);
  if (!isDataFolder(dataDir)) throw new Error(`${dataDir} holds no fleet's data: left as it is`);
  await running.endLeftovers();
  const others = removeData(dataDir);
  console.log(
    `removed ${dataDir}${others.length > 0 ? `, but for what no fleet has made: ${others.join(', ')}` : ''}`,
  );
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
