import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { PostgresBinaries } from './postgres-binaries';
import { findPostgresBinaries } from './postgres-binaries';
import {
  credentials,
  initialiseData,
  locateData,
  postgresEnvironment,
  takeOverLock,
  superuser,
} from './postgres-data';
import { socketFolderIn } from './postgres-socket';
import type { Exit, ServerProcess } from './server-process';
import { describeExit, endProcess, lastLines, openLog, ownProcessGroup, whenExited } from './server-process';
import { standInForRoot } from './unprivileged-user';

export { removePostgresData } from './postgres-data';
export { newLogSegments } from './postgres-log';

/** What {@link startPostgres} is told. */
export interface PostgresOptions {
  /** The data folder; a cluster is made in it when it has none. */
  readonly dataDir: string;
  readonly port: number;
  /** The superuser's password, which must stay the same for the life of the data folder. */
  readonly password: string;
  /** Where the server's log goes, `<dataDir>.log` if left out. */
  readonly logFile?: string;
  /** Further settings (postgresql.conf names), which win over those below. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How many segments of 16 MB a new cluster's log has from the beginning, beside its first; none if left out. See {@link newLogSegments}. */
  readonly logSegments?: number;
  /** Told the pid as soon as there is one, long before the server is ready. */
  readonly onSpawn?: (pid: number) => void;
  /** How long a start may take, recovery after a crash included, in milliseconds. Two minutes if left out. */
  readonly startTimeoutMs?: number;
}

/** A running PostgreSQL server; `url` connects as superuser to the database `postgres`. */
export interface PostgresServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
}

const stopGraceMs = 15_000;

const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  wal_level: 'logical',
  max_connections: '200',
  max_wal_senders: '20',
  max_replication_slots: '20',
  // A relay that is away must not fill the disk: beyond this its slot is given up, and it goes on from the outbox.
  max_slot_wal_keep_size: '8GB',
  // After each checkpoint a page's first change logs the whole page. With the default, 1 GB, ten minutes at 225 orders a second made 40 kB of log an order, so 34 kB.
  max_wal_size: '4GB',
  // To make a segment of the log holds up all commits, for some 60 ms under load: after a quiet night there shall still be enough for the morning.
  min_wal_size: '1GB',
  fsync: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Starts PostgreSQL on 127.0.0.1, and where that is possible at a Unix socket ({@link socketFolderIn}), and waits until it answers a query. After a kill -9 it recovers by itself; for
 * the moment in which the killed server's children still hold its shared memory, the start is tried again.
 *
 * @throws Error with the last lines of the server's log when it does not come up
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const user = standInForRoot();
  const binaries = findPostgresBinaries(user);
  const data = locateData(options.dataDir, user);
  const logFile = options.logFile ?? `${options.dataDir}.log`;
  const url = `postgres://${superuser}:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/postgres`;
  await initialiseData(data, binaries, user, options.password, options.logSegments ?? 0);
  const deadline = Date.now() + (options.startTimeoutMs ?? 120_000);
  for (;;) {
    await takeOverLock(data);
    const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    const child = launch(binaries, data, options, logFile, credentials(user));
    const exited = whenExited(child);
    if (child.pid !== undefined) options.onSpawn?.(child.pid);
    const failure = await untilReady(url, join(data, 'postmaster.pid'), child.pid, exited, deadline);
    if (failure === undefined) return running(child, exited, binaries, data, url, options.port);
    await endProcess(child, exited, () => child.kill('SIGKILL'), stopGraceMs);
    const grown = (statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > logStart;
    const said = grown ? lastLines(logFile) : [];
    if (!isPassing(said) || Date.now() > deadline) throw startFailure(failure, said, logFile);
    await sleep(200);
  }
}

function launch(
  binaries: PostgresBinaries,
  data: string,
  options: PostgresOptions,
  logFile: string,
  identity: { uid?: number; gid?: number },
): ChildProcess {
  const settings = {
    ...defaultSettings,
    port: String(options.port),
    unix_socket_directories: socketFolderIn(data, options.port) ?? '',
    ...options.settings,
  };
  const log = openLog(logFile);
  try {
    return spawn(
      binaries.postgres,
      ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        cwd: data,
        env: postgresEnvironment(),
        stdio: ['ignore', log, log],
        detached: ownProcessGroup,
        windowsHide: true,
        ...identity,
      },
    );
  } finally {
    closeSync(log);
  }
}

/** Undefined once a query was answered, else why that will not happen. */
async function untilReady(
  url: string,
  lock: string,
  pid: number | undefined,
  exited: Promise<Exit>,
  deadline: number,
): Promise<string | undefined> {
  let exit: Exit | undefined;
  void exited.then((value) => (exit = value));
  while (Date.now() < deadline) {
    if (exit !== undefined) return `ended with ${describeExit(exit)}`;
    const refusal = isListening(lock, pid) ? await query(url) : 'not ready';
    if (refusal === undefined && exit === undefined) return undefined;
    if (refusal === 'wrong password') return 'does not accept the superuser password of this data folder';
    await sleep(20);
  }
  return 'did not answer in time';
}

/**
 * Whether this server's lock file says that it takes connections. Another server on the same port would answer as well,
 * while ours is about to end for want of the port.
 */
function isListening(lock: string, pid: number | undefined): boolean {
  if (!existsSync(lock)) return false;
  const lines = readFileSync(lock, 'utf8').split('\n');
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
}

const invalidPassword = '28P01';

async function query(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return undefined;
  } catch (error) {
    return isCoded(error, invalidPassword) ? 'wrong password' : 'not ready';
  } finally {
    await client.end().catch(() => undefined);
  }
}

function isCoded(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** What passes by itself within moments of a kill -9: the orphaned back ends end and free memory and lock. */
function isPassing(said: readonly string[]): boolean {
  return said.some((line) =>
    /pre-existing shared memory block|lock file "postmaster\.pid" already exists/.test(line),
  );
}

function startFailure(failure: string, said: readonly string[], logFile: string): Error {
  const lines = said.length === 0 ? '' : `\n  ${said.join('\n  ')}`;
  return new Error(`PostgreSQL ${failure}; its log is ${logFile}${lines}`);
}

function running(
  child: ChildProcess,
  exited: Promise<Exit>,
  binaries: PostgresBinaries,
  data: string,
  url: string,
  port: number,
): PostgresServer {
  return {
    url,
    port,
    pid: child.pid ?? -1,
    process: child,
    exited,
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    stop: () => stopFast(child, exited, binaries, data),
  };
}

/** "Fast" shutdown: sessions are cut, the data are written out. Windows has no signals to say so with, only pg_ctl. */
async function stopFast(
  child: ChildProcess,
  exited: Promise<Exit>,
  binaries: PostgresBinaries,
  data: string,
): Promise<void> {
  if (process.platform !== 'win32' || !existsSync(binaries.pgCtl)) {
    return endProcess(child, exited, () => child.kill('SIGINT'), stopGraceMs);
  }
  const stopper = spawn(binaries.pgCtl, ['stop', '-D', data, '-m', 'fast', '-w'], {
    cwd: dirname(join(data, 'PG_VERSION')),
    stdio: 'ignore',
    windowsHide: true,
  });
  await whenExited(stopper);
  await endProcess(child, exited, () => child.kill('SIGKILL'), stopGraceMs);
}
