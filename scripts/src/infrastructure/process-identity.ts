import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What tells this process from a later one that got the same pid: its start time, on Linux together with the boot it
 * belongs to. Undefined when there is no such process, when it has ended and only waits to be reaped, or when its start
 * time can't be found out.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxIdentity(pid);
  if (process.platform === 'win32') return windowsIdentity(pid);
  return ps(pid, 'lstart=,comm=');
}

/** The command line of a running process, arguments separated by blanks; undefined where it cannot be found out. */
export function commandLine(pid: number): string | undefined {
  if (process.platform === 'win32') return windowsImage(pid);
  if (process.platform !== 'linux') return ps(pid, 'command=');
  const line = readOrUndefined(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim();
  return line === undefined || line === '' ? undefined : line;
}

/** Fields 3 (state) and 22 (start time in clock ticks since boot) of /proc/<pid>/stat, see proc_pid_stat(5). */
function linuxIdentity(pid: number): string | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const boot = readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return `${boot} ${fields[19] ?? ''}`;
}

/** The same for whoever asks: times are printed by the language and the time zone of the environment. */
function ps(pid: number, columns: string): string | undefined {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  return firstLine(spawnSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8', env }).stdout);
}

function windowsIdentity(pid: number): string | undefined {
  const startTime = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
  const { stdout } = spawnSync('powershell', ['-NoProfile', '-NonInteractive', '-Command', startTime], {
    encoding: 'utf8',
    windowsHide: true,
  });
  return firstLine(stdout);
}

function windowsImage(pid: number): string | undefined {
  const { stdout } = spawnSync('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'], {
    encoding: 'utf8',
  });
  const line = firstLine(stdout);
  return line?.startsWith('"') ? line.split('","')[0]?.slice(1) : undefined;
}

function firstLine(text: string | null): string | undefined {
  const line = text?.split('\n')[0]?.trim();
  return line === '' ? undefined : line;
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
