import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { authorization } from './broker-users';
import { findNatsServer } from './nats-binary';
import { commandLine } from './process-identity';
import type { Exit, ServerProcess } from './server-process';
import { describeExit, endProcess, lastLines, openLog, ownProcessGroup, whenExited } from './server-process';
import { endStranger } from './stranger';

/** What {@link startNats} is told. */
export interface NatsOptions {
  /** The folder for JetStream's files and the server's configuration. */
  readonly storeDir: string;
  readonly port: number;
  /** Where the server's log goes, `<storeDir>.log` if left out. */
  readonly logFile?: string;
  /** The largest message in bytes, 1 MiB if left out, which is NATS's own default. */
  readonly maxPayload?: number;
  /** The passwords of the broker's users, by name; anybody may do anything if left out. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** The path of the server, found by {@link findNatsServer} if left out. */
  readonly executable?: string;
  /** Told the pid as soon as there is one, long before the server is ready. */
  readonly onSpawn?: (pid: number) => void;
  /** How long a start may take, reading back a large store included, in milliseconds. One minute if left out. */
  readonly startTimeoutMs?: number;
}

/** A running NATS server with JetStream on files. */
export interface NatsServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
}

const stopGraceMs = 10_000;

/**
 * By how much Linux may lengthen the server's short sleeps, in nanoseconds. A thread of Go's runtime (sysmon) looks after the others
 * every 20 µs while any of them works. A server that wakes for each message would spend more than a quarter of its time on that; every 5 ms
 * is enough.
 */
const timerSlackNs = 5_000_000;

/**
 * Starts nats-server on 127.0.0.1 and waits until it greets connections.
 *
 * @throws Error with the last lines of the server's log when it does not come up
 */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const executable = options.executable ?? (await findNatsServer());
  const logFile = options.logFile ?? `${options.storeDir}.log`;
  mkdirSync(options.storeDir, { recursive: true });
  const configuration = join(options.storeDir, 'nats-server.conf');
  await endOrphan(options.storeDir, configuration);
  // The mode is a new file's only, and this one holds passwords.
  rmSync(configuration, { force: true });
  writeFileSync(configuration, natsConfiguration(options, versionOf(executable)), { mode: 0o600 });
  const log = openLog(logFile);
  const [command, ...args] = withTimerSlack([executable, '--config', configuration]);
  const child = spawn(command, args, {
    stdio: ['ignore', log, log],
    detached: ownProcessGroup,
    windowsHide: true,
  });
  closeSync(log);
  const exited = whenExited(child);
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  const failure = await untilGreeted(options, exited, Date.now() + (options.startTimeoutMs ?? 60_000));
  if (failure !== undefined) {
    await endProcess(child, exited, () => child.kill('SIGKILL'), stopGraceMs);
    throw new Error(`nats-server ${failure}; its log is ${logFile}\n  ${lastLines(logFile).join('\n  ')}`);
  }
  return {
    url: `nats://127.0.0.1:${options.port}`,
    port: options.port,
    pid: child.pid ?? -1,
    process: child,
    exited,
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    stop: () => endProcess(child, exited, () => child.kill('SIGTERM'), stopGraceMs),
  };
}

/**
 * The server's configuration file. `sync_interval: always` makes an acknowledged message survive a crash of the
 * operating system (the default syncs every two minutes); servers before 2.10 refuse the setting.
 * Without `max_file_store` the server allows three quarters of what the disk has free, and on a small one refuses the stream, which
 * may grow to 4 GB.
 */
export function natsConfiguration(
  { storeDir, port, maxPayload = 1024 * 1024, passwords }: NatsOptions,
  version: { major: number; minor: number },
): string {
  const knowsSyncInterval = version.major > 2 || (version.major === 2 && version.minor >= 10);
  return [
    `listen: "127.0.0.1:${port}"`,
    `server_name: ${serverName(storeDir)}`,
    `pid_file: ${quoted(pidFileIn(storeDir))}`,
    `max_payload: ${maxPayload}`,
    'jetstream {',
    `  store_dir: ${quoted(storeDir)}`,
    '  max_file_store: 8GB',
    ...(knowsSyncInterval ? ['  sync_interval: always'] : []),
    '}',
    ...(passwords === undefined ? [] : [authorization((name) => JSON.stringify(passwords[name] ?? ''))]),
    '',
  ].join('\n');
}

/** A process can set the slack only of itself, for what it becomes; where it must not, the server goes without. */
function withTimerSlack(command: [string, ...string[]]): [string, ...string[]] {
  if (process.platform !== 'linux') return command;
  const script = `{ echo ${timerSlackNs} > /proc/$$/timerslack_ns; } 2> /dev/null; exec "$0" "$@"`;
  return ['/bin/sh', '-c', script, ...command];
}

const pidFileIn = (storeDir: string): string => join(storeDir, 'nats-server.pid');

/** A path in the configuration file, where a backslash begins an escape. */
const quoted = (path: string): string => JSON.stringify(path.replaceAll('\\', '/'));

/** A server of this very folder that has lost its launcher would write into the same store: it is shut down. */
async function endOrphan(storeDir: string, configuration: string): Promise<void> {
  const file = pidFileIn(storeDir);
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  if (Number.isInteger(pid) && pid > 0 && commandLine(pid)?.includes(configuration))
    await endStranger(pid, 'SIGTERM');
  rmSync(file, { force: true });
}

/** By its name a server is told from another one that has the same port. */
function serverName(storeDir: string): string {
  return `ftgo-${createHash('sha256').update(resolve(storeDir)).digest('hex').slice(0, 12)}`;
}

/** "nats-server: v2.9.10" as numbers; an unreadable answer counts as an old server, which gets no new settings. */
function versionOf(executable: string): { major: number; minor: number } {
  const { stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8', windowsHide: true });
  const [, major, minor] = /v?(\d+)\.(\d+)\.\d+/.exec(stdout ?? '') ?? [];
  return { major: Number(major ?? 0), minor: Number(minor ?? 0) };
}

/** Undefined once the server has sent its INFO line, else why it will not. */
async function untilGreeted(
  { port, storeDir }: NatsOptions,
  exited: Promise<Exit>,
  deadline: number,
): Promise<string | undefined> {
  let exit: Exit | undefined;
  void exited.then((value) => (exit = value));
  while (Date.now() < deadline) {
    if (exit !== undefined) return `ended with ${describeExit(exit)}`;
    const greeted = await isGreetedBy(serverName(storeDir), port);
    if (greeted && exit === undefined) return undefined;
    await sleep(20);
  }
  return 'did not answer in time';
}

/** Whether the named server is on this port of 127.0.0.1: NATS greets with a line of JSON that begins with INFO. */
function isGreetedBy(name: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(2000, () => answer(false));
    socket.once('data', (data) => answer(isInfoOf(name, data.toString('utf8'))));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
  });
}

function isInfoOf(name: string, greeting: string): boolean {
  return greeting.startsWith('INFO ') && greeting.includes(`"server_name":"${name}"`);
}
