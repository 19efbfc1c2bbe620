import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { download } from './download';

/** The release that is downloaded where no nats-server is installed. */
export const natsRelease = 'v2.12.1';

const executable = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** Where to look for the server, and where to get it from. Everything has a default; tests set their own. */
export interface NatsSources {
  readonly path?: string;
  readonly cacheDir?: string;
  readonly releases?: string;
  readonly apt?: boolean;
  /** Told, in one line, before anything that takes a while. */
  readonly onProgress?: (line: string) => void;
}

/** The cache folder for what is downloaded: FTGO_CACHE, else the platform's usual place. */
export function defaultCacheDir(): string {
  const local = process.env['LOCALAPPDATA'];
  return process.env['FTGO_CACHE'] || (local ? join(local, 'ftgo') : join(homedir(), '.cache', 'ftgo'));
}

/**
 * The path of a nats-server: the installed one, one that was fetched before, the official release, or Debian's package
 * unpacked without installing it.
 *
 * @throws Error in one line that says how to get it
 */
export async function findNatsServer(sources: NatsSources = {}): Promise<string> {
  const cacheDir = sources.cacheDir ?? defaultCacheDir();
  const cached = join(cacheDir, `nats-server-${natsRelease}`, executable);
  const fromDebian = join(cacheDir, 'nats-server-debian', executable);
  const found = [...onPath(sources.path), cached, fromDebian].find((file) => existsSync(file));
  if (found !== undefined) return found;
  try {
    await fetchRelease(cached, cacheDir, sources);
    return cached;
  } catch (failure) {
    if (sources.apt !== false && fetchDebianPackage(fromDebian, cacheDir, sources)) return fromDebian;
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw new Error(
      `nats-server not found and not downloadable (${reason}): install it (https://docs.nats.io, "apt install nats-server", "brew install nats-server") so that it is on the PATH`,
      { cause: failure },
    );
  }
}

/** Debian puts servers in /usr/sbin, which is on root's PATH only. */
function onPath(path = process.env['PATH']): string[] {
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
  const usual =
    process.platform === 'win32' || path !== process.env['PATH'] ? [] : ['/usr/sbin', '/usr/local/bin'];
  return [...folders, ...usual].map((folder) => join(folder, executable));
}

/** The file list of a release is its SHA256SUMS: it names the archive for this platform and what it must hash to. */
async function fetchRelease(target: string, cacheDir: string, sources: NatsSources): Promise<void> {
  const base = `${sources.releases ?? 'https://github.com/nats-io/nats-server/releases/download'}/${natsRelease}`;
  sources.onProgress?.(`downloading nats-server ${natsRelease}`);
  const sums = (await download(`${base}/SHA256SUMS`)).toString('utf8');
  const { archive, sum } = archiveFor(sums);
  const content = await download(`${base}/${archive}`);
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== sum) throw new Error(`${archive} has sha256 ${actual} instead of ${sum}`);
  unpackInto(target, cacheDir, (folder) => {
    writeFileSync(join(folder, archive), content);
    run('tar', ['-xf', archive], folder);
  });
}

function archiveFor(sums: string): { archive: string; sum: string } {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const architecture = { x64: 'amd64', ia32: '386', arm: 'arm7' }[process.arch as string] ?? process.arch;
  const listed = sums.split('\n').map((line) => line.trim().split(/\s+\*?/));
  for (const ending of ['tar.gz', 'zip']) {
    const archive = `nats-server-${natsRelease}-${system}-${architecture}.${ending}`;
    const sum = listed.find(([, name]) => name === archive)?.[0];
    if (sum !== undefined) return { archive, sum };
  }
  throw new Error(`release ${natsRelease} has no archive for ${system}-${architecture}`);
}

/** Whether Debian's package could be fetched and unpacked; root is needed for neither. */
function fetchDebianPackage(target: string, cacheDir: string, sources: NatsSources): boolean {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return false;
  sources.onProgress?.('fetching the nats-server package of this Debian');
  try {
    unpackInto(target, cacheDir, (folder) => {
      aptDownload(folder);
      const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
      run('dpkg-deb', ['-x', file ?? 'missing.deb', 'unpacked'], folder);
    });
    return true;
  } catch {
    return false;
  }
}

/** A fresh machine or image has empty package lists; only root may fill them. */
function aptDownload(folder: string): void {
  try {
    run('apt-get', ['download', 'nats-server'], folder);
  } catch (error) {
    if (process.getuid?.() !== 0) throw error;
    run('apt-get', ['update'], folder);
    run('apt-get', ['download', 'nats-server'], folder);
  }
}

/** Unpacks in a folder beside the target and moves the executable there when it is whole. */
function unpackInto(target: string, cacheDir: string, unpack: (folder: string) => void): void {
  mkdirSync(cacheDir, { recursive: true });
  const folder = mkdtempSync(join(cacheDir, 'unpack-'));
  try {
    unpack(folder);
    const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(
      (name) => basename(name) === executable && statSync(join(folder, name)).isFile(),
    );
    if (file === undefined) throw new Error('the archive holds no nats-server');
    chmodSync(join(folder, file), 0o755);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(folder, file), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', windowsHide: true });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
