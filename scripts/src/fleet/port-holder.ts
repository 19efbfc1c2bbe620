import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { commandLine } from '../infrastructure/process-identity';

/** The process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/**
 * Who listens on a TCP port of this machine; undefined when nobody does, or when it cannot be found out, as with
 * another user's process.
 */
export function portHolder(port: number): PortHolder | undefined {
  const pid = process.platform === 'linux' ? holderByProc(port) : holderByTool(port);
  return pid === undefined ? undefined : { pid, command: commandLine(pid) ?? 'unknown' };
}

/** "port 8001 (order-service) is in use by pid 42: node server.js" */
export function portInUseMessage(port: number, what: string, holder = portHolder(port)): string {
  const who = holder === undefined ? 'another process' : `pid ${holder.pid}: ${shortened(holder.command)}`;
  return `port ${port} (${what}) is in use by ${who}`;
}

const shortened = (command: string): string =>
  command.length > 120 ? `${command.slice(0, 117)}...` : command;

function holderByProc(port: number): number | undefined {
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)),
  );
  if (inodes.size === 0) return undefined;
  const sockets = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  return entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => entriesOf(`/proc/${pid}/fd`).some((fd) => sockets.has(targetOf(`/proc/${pid}/fd/${fd}`))));
}

/** The table's columns are described in proc(5): 1 local address, 3 state (0A is LISTEN), 9 inode. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return textOf(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === '0A')
    .flatMap((columns) => columns[9] ?? []);
}

function holderByTool(port: number): number | undefined {
  if (process.platform === 'win32') {
    const { stdout } = spawnSync('netstat', ['-ano', '-p', 'TCP'], { encoding: 'utf8' });
    const line = (stdout ?? '')
      .split('\n')
      .find((entry) => entry.includes(`:${port} `) && / LISTENING /.test(entry));
    return numberOrUndefined(line?.trim().split(/\s+/).at(-1));
  }
  const { stdout } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' });
  return numberOrUndefined(stdout?.split('\n')[0]);
}

function numberOrUndefined(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Empty for what cannot be read: processes end while they are looked at, and other users' are closed. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
