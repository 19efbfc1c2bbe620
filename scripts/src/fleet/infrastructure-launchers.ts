import { jetStreamAnswers, watchBroker, type BrokerWatch } from '../infrastructure/broker-watch';
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

/** Resolves when the broker greets connections; from then on it is watched, and killed when it hangs. */
export async function launchNats(
  { folder, port, logFile, noteStart }: Place,
  passwords: Readonly<Record<string, string>>,
  executable: string,
  { url, ...watch }: { readonly url: string } & Pick<BrokerWatch, 'report' | 'pauseMs'>,
): Promise<ServerProcess> {
  const server = await startNats({
    storeDir: folder,
    port,
    logFile,
    passwords,
    executable,
    onSpawn: noteStart,
  });
  void watchBroker({ ...watch, server, ask: () => jetStreamAnswers(url) });
  return server;
}
