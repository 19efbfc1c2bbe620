import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningProcesses } from './running-processes';

/**
 * Makes the data folder this launcher's, and ends what a launcher that was killed has left running on it; gives the
 * names of that. Root's files are closed to the user PostgreSQL runs as, who must get through the folder to the data.
 *
 * @throws Error when another launcher is at work on it
 */
export async function takeDataFolder(dataDir: string, note: RunningProcesses): Promise<string[]> {
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  if (process.getuid?.() === 0) chmodSync(dataDir, 0o711);
  const other = note.otherLauncher();
  if (other !== undefined)
    throw new Error(`the fleet of ${dataDir} is already running, launched by pid ${other}`);
  const ended = await note.endLeftovers();
  note.note({});
  return ended;
}
