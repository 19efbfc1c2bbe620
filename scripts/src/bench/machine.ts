import { spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { findNatsServer } from '../infrastructure/nats-binary';
import { findPostgresBinaries } from '../infrastructure/postgres-binaries';
import { loadLatency } from './measure/memory-speed';
import type { Table } from './table';

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

/** Bytes: of a core's first cache, of its second, and of what it shares with others, the more the likelier. */
const SIZES = [16_384, 262_144, 2_097_152, 4_194_304, 16_777_216];

/** How long a load takes from memory of each size, in nanoseconds by bytes. */
export type MemorySpeed = Readonly<Record<number, number>>;

export const lookAtMemory = (): MemorySpeed =>
  Object.fromEntries(SIZES.map((bytes) => [bytes, loadLatency(bytes)]));

/** @param speeds as each scenario began, by its name */
export function memoryTable(speeds: ReadonlyMap<string, MemorySpeed>): Table {
  return {
    title: 'The machine as each scenario began: a load that needs the one before it, nanoseconds',
    columns: ['scenario', ...SIZES.map((bytes) => `from ${bytes / 1_024} kB`)],
    rows: [...speeds].map(([name, speed]) => [name, ...SIZES.map((bytes) => speed[bytes])]),
    notes: [
      'Where several machines share a cache, the others decide how much of it is left, and a fleet of twenty processes',
      'is slow or fast with it. Runs compare where these figures do.',
    ],
  };
}

function versionOf(executable: string): string {
  const { stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8', windowsHide: true });
  return /\d+\.\S+/.exec(stdout ?? '')?.[0] ?? 'unknown';
}
