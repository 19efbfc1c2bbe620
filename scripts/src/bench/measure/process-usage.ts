import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own clock is (proc_pid_stat(5), sysconf). */
const ticksPerSecond = 100;

/** Whether CPU and memory of processes can be measured here. */
export const canMeasureProcesses = process.platform === 'linux';

/** Processes to watch, by the names they are reported under. PostgreSQL is told apart from its back ends. */
export interface Watched {
  readonly pids: ReadonlyMap<string, number>;
  readonly postgres: number | undefined;
}

/** What a process has used so far, and what its ended and reaped children have. */
interface CpuTimes {
  readonly pid: number;
  readonly parent: number;
  readonly own: number;
  readonly children: number;
}

/**
 * CPU seconds used so far, by name; empty where they cannot be measured. PostgreSQL's comes in two parts, the WAL
 * senders that feed the relays and all else, back ends that have ended included.
 */
export function cpuSeconds({ pids, postgres }: Watched): Map<string, number> {
  if (!canMeasureProcesses) return new Map();
  const used = [...pids].map(([name, pid]) => [name, timesOf(pid)?.own ?? 0] as const);
  return new Map([...used, ...(postgres === undefined ? [] : postgresSeconds(postgres))]);
}

function postgresSeconds(postmaster: number): [string, number][] {
  const main = timesOf(postmaster);
  const children = childrenOf(postmaster);
  const senders = children.filter(({ pid }) => textOf(`/proc/${pid}/cmdline`).includes('walsender'));
  const seconds = (some: readonly CpuTimes[]) => some.reduce((sum, { own }) => sum + own, 0);
  const rest = seconds(children) - seconds(senders) + (main?.own ?? 0) + (main?.children ?? 0);
  return [
    ['postgres', rest],
    ['postgres walsenders', seconds(senders)],
  ];
}

/** Resident memory in bytes, by name; empty where it cannot be measured. PostgreSQL's processes share most of theirs, see {@link postgresMemoryBytes}. */
export function memoryBytes(watched: Watched): Map<string, number> {
  const own = ownMemoryBytes(watched);
  if (!canMeasureProcesses || watched.postgres === undefined) return own;
  return own.set('postgres', postgresMemoryBytes(watched.postgres));
}

function ownMemoryBytes({ pids }: Watched): Map<string, number> {
  if (!canMeasureProcesses) return new Map();
  return new Map([...pids].map(([name, pid]) => [name, kilobytesIn(`/proc/${pid}/status`, 'VmRSS')]));
}

/**
 * The memory of PostgreSQL's processes, of which each counts for its part of what is shared (PSS). The kernel goes through all their pages for it: asked each second,
 * that took a fortieth of two CPUs.
 */
function postgresMemoryBytes(postmaster: number): number {
  const family = [postmaster, ...childrenOf(postmaster).map(({ pid }) => pid)];
  const shares = family.map((pid) => kilobytesIn(`/proc/${pid}/smaps_rollup`, 'Pss'));
  return shares.reduce((sum, bytes) => sum + bytes, 0);
}

function childrenOf(parent: number): CpuTimes[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => timesOf(Number(pid)) ?? []).filter((times) => times.parent === parent);
}

function timesOf(pid: number): CpuTimes | undefined {
  return parseStat(pid, textOf(`/proc/${pid}/stat`));
}

/** Fields 4 (parent) and 14 to 17 (times) of /proc/<pid>/stat; the name in field 2 may contain anything. */
export function parseStat(pid: number, stat: string): CpuTimes | undefined {
  if (stat === '') return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (index: number) => Number(fields[index] ?? 0) / ticksPerSecond;
  return {
    pid,
    parent: Number(fields[1]),
    own: seconds(11) + seconds(12),
    children: seconds(13) + seconds(14),
  };
}

/** A line like "VmRSS:     1234 kB", in bytes; 0 for a process that has ended. */
function kilobytesIn(file: string, name: string): number {
  const [, kilobytes = '0'] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(textOf(file)) ?? [];
  return Number(kilobytes) * 1024;
}

/** Empty for what cannot be read: processes end while they are looked at. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Looks at memory again and again and keeps the most it has seen of each process; of PostgreSQL, the more at the beginning and at the end. */
export class PeakMemory {
  private readonly peaks = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly watched: () => Watched,
    everyMs = 1000,
  ) {
    this.keep(memoryBytes(this.watched()));
    this.timer = setInterval(() => this.keep(ownMemoryBytes(this.watched())), everyMs);
  }

  stop(): Map<string, number> {
    clearInterval(this.timer);
    this.keep(memoryBytes(this.watched()));
    return this.peaks;
  }

  private keep(memory: ReadonlyMap<string, number>): void {
    for (const [name, bytes] of memory) this.peaks.set(name, Math.max(bytes, this.peaks.get(name) ?? 0));
  }
}
