import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries';
import { reachableFolder } from './postgres-binaries';
import { commandLine } from './process-identity';
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

function substituteFor(dataDir: string): string {
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12);
  mkdirSync(reachableFolder(), { recursive: true });
  chmodSync(reachableFolder(), 0o711);
  return join(reachableFolder(), `data-${hash}`);
}

/** Removes a cluster's data, wherever {@link locateData} had to put them. The server must not be running. */
export function removePostgresData(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
  if (process.getuid?.() === 0) rmSync(substituteFor(dataDir), { recursive: true, force: true });
}

/**
 * Makes a cluster in `data` unless there is one. It is made beside and then renamed, so that an interrupted initdb
 * leaves nothing that looks like a cluster. The built-in C.UTF-8 locale knows upper and lower case of every script and
 * sorts alike on every platform.
 *
 * @throws Error with what initdb said
 */
export function initialiseData(
  data: string,
  binaries: PostgresBinaries,
  user: UnprivilegedUser | undefined,
  password: string,
): void {
  if (existsSync(join(data, 'PG_VERSION'))) return;
  const unfinished = `${data}.initdb`;
  const passwordFile = `${data}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user !== undefined) {
    chownSync(unfinished, user.uid, user.gid);
    chownSync(passwordFile, user.uid, user.gid);
  }
  try {
    runInitdb(unfinished, passwordFile, binaries, user);
    if (existsSync(data)) rmdirSync(data);
    renameSync(unfinished, data);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function runInitdb(
  data: string,
  passwordFile: string,
  binaries: PostgresBinaries,
  user: UnprivilegedUser | undefined,
): void {
  const args = [`--pgdata=${data}`, `--username=${superuser}`, `--pwfile=${passwordFile}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions');
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  const result = spawnSync(binaries.initdb, args, {
    cwd: data,
    encoding: 'utf8',
    windowsHide: true,
    env: postgresEnvironment(),
    ...credentials(user),
  });
  if (result.status !== 0) {
    const said = result.error?.message ?? `${result.stdout}\n${result.stderr}`.trim();
    throw new Error(`initdb could not make the PostgreSQL data folder ${data}: ${said}`);
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
 * Removes the lock file of a server that was killed, when its pid belongs to another program by now: PostgreSQL sees
 * to the lock files of dead processes by itself, but takes any living process of the same user for a server. Containers
 * hand out the same low pids again after every restart.
 */
export function removeStaleLock(data: string): void {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  const command = Number.isInteger(pid) ? commandLine(pid) : undefined;
  if (command !== undefined && /postgres|postmaster/.test(command)) return;
  rmSync(lock, { force: true });
}
