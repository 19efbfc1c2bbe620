import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The processes that a process has started, their children included; nothing where the system does not tell. */
export function descendantsOf(pid: number): number[] {
  const parents = parentByPid();
  const found: number[] = [];
  const wanted = new Set([pid]);
  // A child may have a lower number than its parent: look until nothing new is found.
  for (let before = -1; before !== found.length;) {
    before = found.length;
    for (const [child, parent] of parents) {
      if (!wanted.has(parent) || wanted.has(child)) continue;
      wanted.add(child);
      found.push(child);
    }
  }
  return found;
}

function parentByPid(): Map<number, number> {
  if (process.platform === 'linux') return linuxParents();
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = (stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return new Map(pairs.map(([pid = -1, parent = -1]) => [pid, parent]));
}

function linuxParents(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const pid of pids()) {
    const stat = textOf(`/proc/${pid}/stat`);
    // The name in brackets may hold anything, so the fields are counted from behind it: state, then parent.
    if (stat !== '') parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  return parents;
}

/** A running process whose command line or environment holds a text. */
export interface Mention {
  readonly pid: number;
  readonly command: string;
}

/** The processes that have to do with a folder, by their command lines and environments; Linux only, else none. */
export function processesMentioning(folder: string): Mention[] {
  if (process.platform !== 'linux') return [];
  return pids()
    .filter((pid) => pid !== process.pid)
    .filter((pid) =>
      [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`].some((file) => textOf(file).includes(folder)),
    )
    .map((pid) => ({ pid, command: textOf(`/proc/${pid}/cmdline`).split('\0').join(' ').trim() }));
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended in between, or belongs to somebody else.
    return '';
  }
}
