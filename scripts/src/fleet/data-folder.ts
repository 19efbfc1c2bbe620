import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removePostgresData } from '../infrastructure/postgres';
import type { RunningProcesses } from './running-processes';

/**
 * Makes the data folder this launcher's, and ends what a launcher that was killed has left running on it; gives the
 * names of that. Root's files are closed to the user PostgreSQL runs as, who must get through the folder to the data.
 *
 * @throws Error when another launcher is at work on it
 */
export async function takeDataFolder(dataDir: string, note: RunningProcesses): Promise<string[]> {
  const isNew = mkdirSync(dataDir, { recursive: true }) !== undefined;
  if (isNew && process.getuid?.() === 0) chmodSync(dataDir, 0o711);
  const other = note.claim();
  if (other !== undefined)
    throw new Error(`the fleet of ${dataDir} is already running, launched by pid ${other}`);
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  const ended = await note.endLeftovers();
  note.note({});
  return ended;
}

/** Whether a launcher has made this folder its own; other programs have a folder `logs`, too. */
export const isDataFolder = (dataDir: string): boolean =>
  ['pids.json', 'secrets.json'].some((name) => existsSync(join(dataDir, name)));

/** What a fleet makes in its data folder: PostgreSQL's and NATS's folders, with files beside them, and the launcher's own files. */
const OWN = /^((postgres|nats)(\..*)?|logs|compile-cache|(pids|secrets|ports|ports-in-use)\.json(\.new)?)$/;

/**
 * Removes what a fleet has made, and the folder if nothing else is in it: a slip in `--data-dir` must not cost anything.
 * A link, or where a disk is mounted, stays.
 *
 * @returns the names of what is left
 */
export function removeData(dataDir: string): string[] {
  removePostgresData(join(dataDir, 'postgres'));
  for (const name of readdirSync(dataDir).filter((each) => OWN.test(each)))
    rmSync(join(dataDir, name), { recursive: true, force: true });
  const left = readdirSync(dataDir);
  if (left.length > 0 || lstatSync(dataDir).isSymbolicLink()) return left;
  try {
    rmdirSync(dataDir);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
  }
  return left;
}
