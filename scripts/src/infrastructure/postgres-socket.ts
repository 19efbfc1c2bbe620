import { join } from 'node:path';
import { locateData } from './postgres-data';
import { standInForRoot } from './unprivileged-user';

/** What a socket's path may have at most, in bytes, on every Unix: macOS and BSD have 104 with the closing zero, Linux 108. */
const longestPath = 103;

/** As {@link socketFolderIn}, for the server whose data {@link locateData} puts where they can be. */
export function socketFolder(dataDir: string, port: number): string | undefined {
  return socketFolderIn(locateData(dataDir, standInForRoot()), port);
}

/**
 * The folder of the Unix socket that PostgreSQL answers at besides its TCP port: its data folder, which only its own
 * user and root can enter. A round trip costs less that way than by TCP, also on one machine. Undefined on Windows, and
 * where the path is too long for a socket or has what PostgreSQL's list of folders would want quoted.
 */
export function socketFolderIn(data: string, port: number): string | undefined {
  if (process.platform === 'win32') return undefined;
  const path = join(data, `.s.PGSQL.${port}`);
  return path.length <= longestPath && /^[\w./+-]+$/.test(path) ? data : undefined;
}
