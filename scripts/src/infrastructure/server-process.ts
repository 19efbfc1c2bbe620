import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a process ended: with an exit code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that was started here and answers for itself until it has ended. */
export interface ServerProcess {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Resolves, never rejects, when the process has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** Asks the process to end in its own orderly way and waits for it; kills it when it takes too long. */
  stop(): Promise<void>;
  /** Sends the signal, SIGKILL if none is given, and waits for nothing. */
  kill(signal?: NodeJS.Signals): void;
}

/**
 * Whether children get a process group of their own, which keeps a terminal's Ctrl-C from them. On Windows that would
 * open a console window for each, so there they stay in the launcher's group.
 */
export const ownProcessGroup = process.platform !== 'win32';

/** The end of the process as a promise; a spawn that failed counts as an end with exit code -1. */
export function whenExited(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => {
      if (child.pid === undefined) resolve({ code: -1, signal: null });
    });
  });
}

/** "exit code 1" or "signal SIGKILL", for messages. */
export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
}

/**
 * Tells the process to end, by a signal or by what else it listens to, and when it is still there `graceMs` milliseconds later,
 * sends SIGKILL; resolves at its end.
 */
export async function endProcess(
  child: ChildProcess,
  exited: Promise<Exit>,
  tell: () => unknown,
  graceMs: number,
): Promise<void> {
  tell();
  const abort = new AbortController();
  const grace = sleep(graceMs, 'too long' as const, { signal: abort.signal }).catch(() => 'ended' as const);
  const outcome = await Promise.race([exited, grace]);
  abort.abort();
  if (outcome === 'too long') child.kill('SIGKILL');
  await exited;
}

/**
 * A log file, opened for appending, to be given to a child as stdout and stderr. A file above `maxBytes` is moved
 * to `<file>.1` first. The caller closes the descriptor once the child is started.
 */
export function openLog(file: string, maxBytes = 10 * 1024 * 1024): number {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxBytes) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}

/** The last lines of a log file, read from its end so that a large file costs nothing; none when there is no file. */
export function lastLines(file: string, count = 15): string[] {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return [];
  const buffer = Buffer.alloc(Math.min(size, 16 * 1024));
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
  } finally {
    closeSync(descriptor);
  }
  const lines = buffer.toString('utf8').split(/\r?\n/);
  return lines.filter((line) => line !== '').slice(-count);
}
