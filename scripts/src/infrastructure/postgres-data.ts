import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './postgres-binaries';
import { reachableFolder } from './postgres-binaries';
import { makeSegments, moveSegments } from './postgres-log';
import { commandLine } from './process-identity';
import { endStranger } from './stranger';
import type { UnprivilegedUser } from './unprivileged-user';
import { canEnter } from './unprivileged-user';

/** The superuser of every cluster that is made here. */
export const superuser = 'postgres';

/**
 * Where the data of `dataDir` really are: there, or, when the user that must own them cannot get there, in a folder of
 * /var/tmp that belongs to this checkout and `dataDir`.
 */
export function locateData(dataDir: string, user: UnprivilegedUser | undefined): string {
  if (user === undefined) return dataDir;
  mkdirSync(dirname(dataDir), { recursive: true });
  return canEnter(user, dirname(dataDir)) ? dataDir : substituteFor(dataDir);
}

/**
 * A folder that is remembered beside `dataDir`: where that is gone, because somebody has deleted all of it, so are the data, and a new cluster is
 * made.
 */
function substituteFor(dataDir: string): string {
  mkdirSync(reachableFolder(), { recursive: true });
  chmodSync(reachableFolder(), 0o711);
  const remembered = remember(dataDir);
  if (remembered !== undefined) return remembered;
  const name = `data-${randomBytes(6).toString('hex')}`;
  writeFileSync(memoryOf(dataDir), name);
  return join(reachableFolder(), name);
}

const memoryOf = (dataDir: string): string => `${dataDir}.location`;

/** Half a name must not be taken for one: everything in the folder of all would be lost. */
function remember(dataDir: string): string | undefined {
  const memory = memoryOf(dataDir);
  const name = existsSync(memory) ? readFileSync(memory, 'utf8').trim() : '';
  return /^data-[0-9a-f]{12}$/.test(name) ? join(reachableFolder(), name) : undefined;
}

/** Removes a cluster's data, wherever {@link locateData} had to put them. The server must not be running. */
export function removePostgresData(dataDir: string): void {
  removeCluster(dataDir);
  const substitute = remember(dataDir);
  if (substitute !== undefined) removeCluster(substitute);
  rmSync(memoryOf(dataDir), { force: true });
}

/** With what an initdb has left whose launcher was killed. */
function removeCluster(data: string): void {
  if (!existsSync(dirname(data))) return;
  const own = [basename(data), passwordFileOf(basename(data))];
  for (const name of readdirSync(dirname(data)))
    if (own.includes(name) || name.startsWith(unfinishedOf(basename(data))))
      rmSync(join(dirname(data), name), { recursive: true, force: true });
}

const passwordFileOf = (data: string): string => `${data}.password`;
const unfinishedOf = (data: string): string => `${data}.initdb-`;

/**
 * Makes a cluster in `data` unless there is one. It is made beside, in a folder of this process alone, and then renamed,
 * so that an initdb whose launcher was killed leaves nothing that looks like a cluster and disturbs no other. The built-in C.UTF-8 locale knows upper and lower case of every script and
 * sorts alike on every platform.
 *
 * @param logSegments how many segments of its log are made in advance
 * @throws Error with what initdb said
 */
export async function initialiseData(
  data: string,
  binaries: PostgresBinaries,
  user: UnprivilegedUser | undefined,
  password: string,
  logSegments: number,
): Promise<void> {
  if (existsSync(join(data, 'PG_VERSION'))) return;
  const unfinished = `${unfinishedOf(data)}${process.pid}`;
  const segments = `${unfinished}.log`;
  const passwordFile = passwordFileOf(data);
  for (const folder of [unfinished, segments]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user !== undefined) {
    chownSync(unfinished, user.uid, user.gid);
    chownSync(passwordFile, user.uid, user.gid);
  }
  try {
    const made = makeSegments(segments, logSegments, user);
    const outcomes = await Promise.allSettled([runInitdb(unfinished, passwordFile, binaries, user), made]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    await moveSegments(segments, unfinished);
    if (existsSync(data)) rmdirSync(data);
    renameSync(unfinished, data);
  } finally {
    rmSync(passwordFile, { force: true });
    for (const folder of [unfinished, segments]) rmSync(folder, { recursive: true, force: true });
  }
}

/** It takes most of a first start, so the broker is made ready meanwhile. */
async function runInitdb(
  data: string,
  passwordFile: string,
  binaries: PostgresBinaries,
  user: UnprivilegedUser | undefined,
): Promise<void> {
  const args = [`--pgdata=${data}`, `--username=${superuser}`, `--pwfile=${passwordFile}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions');
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  const options = { cwd: data, windowsHide: true, env: postgresEnvironment(), ...credentials(user) };
  try {
    await promisify(execFile)(binaries.initdb, args, options);
  } catch (error) {
    // Its message has the command and what the command said.
    const said = error instanceof Error ? error.message.trim() : String(error);
    throw new Error(`initdb could not make the PostgreSQL data folder ${data}: ${said}`, { cause: error });
  }
}

/** uid and gid for a spawn; nothing when the process may run as whoever runs this. */
export function credentials(user: UnprivilegedUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

/** This environment without PostgreSQL's own variables, which would reach into the server (PGDATA, PGTZ, ...). */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PG') && !name.startsWith('LC_'),
  );
  return { ...Object.fromEntries(own), LC_ALL: 'C' };
}

/**
 * Sees to the lock files that a killed server or a killed launcher has left. PostgreSQL overwrites the lock of a dead
 * process by itself, but takes any living process of the same user for a server: containers hand out the same low pids
 * again after every restart. And a server of this very folder that has lost its launcher is in nobody's hands: it is
 * shut down.
 */
export async function takeOverLock(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  const command = Number.isInteger(pid) ? commandLine(pid) : undefined;
  if (command?.includes(data)) await endStranger(pid, 'SIGINT');
  else if (command === undefined || !/postgres|postmaster/.test(command)) removeLocks(data);
}

/** The server's own, and that of its socket, which has the same pid in it. */
function removeLocks(data: string): void {
  const locks = readdirSync(data).filter((name) => name === 'postmaster.pid' || name.startsWith('.s.PGSQL.'));
  for (const name of locks) rmSync(join(data, name), { force: true });
}
