import { startNats } from '../infrastructure/nats';
import { startPostgres, type PostgresOptions } from '../infrastructure/postgres';
import type { ServerProcess } from '../infrastructure/server-process';

/** Where the database or the broker of a fleet is at home. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  readonly logFile: string;
  /** Told the pid before the server is ready. */
  readonly noteStart: (pid: number) => void;
}

/** Resolves when the database answers. */
export function launchPostgres(
  { folder, port, logFile, noteStart }: Place,
  password: string,
  { settings, logSegments }: Pick<PostgresOptions, 'settings' | 'logSegments'>,
): Promise<ServerProcess> {
  return startPostgres({
    dataDir: folder,
    port,
    password,
    logFile,
    settings,
    logSegments,
    onSpawn: noteStart,
  });
}

/** Resolves when the broker greets connections. */
export function launchNats(
  { folder, port, logFile, noteStart }: Place,
  passwords: Readonly<Record<string, string>>,
  executable: string,
): Promise<ServerProcess> {
  return startNats({ storeDir: folder, port, logFile, passwords, executable, onSpawn: noteStart });
}
