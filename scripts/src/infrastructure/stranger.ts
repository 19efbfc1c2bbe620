import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from './process-identity';

const graceMs = 10_000;

/**
 * Ends a process that is not a child of this one, so that its end can only be looked for: by `signal` and, when it is
 * still there ten seconds later, by SIGKILL.
 *
 * @throws Error for people when this process may not
 */
export async function endStranger(pid: number, signal: NodeJS.Signals): Promise<void> {
  const identity = processIdentity(pid);
  if (identity === undefined) return;
  const send = (what: NodeJS.Signals): void => {
    try {
      sendSignal(pid, what);
    } catch (error) {
      throw new Error(`process ${pid} of an earlier fleet can't be ended; end it first`, { cause: error });
    }
  };
  send(signal);
  const deadline = Date.now() + graceMs;
  while (processIdentity(pid) === identity) {
    if (Date.now() > deadline) send('SIGKILL');
    await sleep(50);
  }
}

/**
 * Sends a signal to a process that may have ended by now.
 *
 * @throws Error when this process may not
 */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return;
    throw error;
  }
}
