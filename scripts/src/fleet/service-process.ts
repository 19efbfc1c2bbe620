import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { ServerProcess } from '../infrastructure/server-process';
import { endProcess, openLog, ownProcessGroup, whenExited } from '../infrastructure/server-process';

/** What {@link launchService} is told. */
export interface LaunchOptions {
  /** The entry point's absolute path. */
  readonly entry: string;
  /** The working folder, where a `.env` file would be read from. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** How long it may take to end after it was told to, in milliseconds. */
  readonly graceMs: number;
  /** Whether it is told to end by a message; by default on Windows, where a signal would end it at once. */
  readonly byMessage?: boolean;
}

/**
 * Not in NODE_OPTIONS, where Node.js does not take it. When a process has been quiet for half a minute, V8 would collect garbage to give memory back, and with the last
 * message's objects drop the code that was optimised for them: the next hundred orders would take half as long again.
 */
export const V8_OPTIONS = ['--no-memory-reducer'];

/** Starts a service or a relay with this process's Node.js; does not wait until it is ready. */
export async function launchService(options: LaunchOptions): Promise<ServerProcess> {
  const { byMessage = process.platform === 'win32' } = options;
  const log = openLog(options.logFile);
  const child = spawn(process.execPath, [...V8_OPTIONS, options.entry], {
    cwd: options.cwd,
    env: { ...inheritedEnvironment(), ...options.env },
    stdio: ['ignore', log, log, ...(byMessage ? (['ipc'] as const) : [])],
    detached: ownProcessGroup,
    windowsHide: true,
  });
  closeSync(log);
  const tell = (): void => {
    if (!byMessage) child.kill('SIGTERM');
    else if (child.connected) child.send('shutdown');
  };
  const exited = whenExited(child);
  return {
    pid: child.pid ?? -1,
    process: child,
    exited,
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    stop: () => endProcess(child, exited, tell, options.graceMs),
  };
}

/** What would reach past the configuration that the launcher gives: libpq's variables and secrets in files. */
const foreignVariable = /^PG[A-Z]|^(PG_CONN|NATS_URL)_FILE$/;
/** Those of them that a `.env` file is likely to have: it is read by the process itself, and gives what is not given, be it empty. */
const notFromFile = { PG_CONN_FILE: '', NATS_URL_FILE: '', PGSSLMODE: '' };

function inheritedEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !foreignVariable.test(name));
  return { ...Object.fromEntries(own), ...notFromFile };
}
