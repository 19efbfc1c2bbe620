import { spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { findNatsServer } from '../infrastructure/nats-binary';
import { findPostgresBinaries } from '../infrastructure/postgres-binaries';

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly nats: string;
  /** The load average over a minute when the bench began: of what else the machine had to do. */
  readonly loadBefore: number;
}

/** Looks around. */
export async function lookAtMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    postgres: versionOf(findPostgresBinaries().postgres),
    nats: versionOf(await findNatsServer()),
    loadBefore: loadavg()[0] ?? 0,
  };
}

function versionOf(executable: string): string {
  const { stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8', windowsHide: true });
  return /\d+\.\S+/.exec(stdout ?? '')?.[0] ?? 'unknown';
}
