import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from '../infrastructure/server-process';

/** Whether a process says on `/ready` that it can do its work and, if not, what it says or why it says nothing. */
export interface Readiness {
  readonly ready: boolean;
  readonly answer: string;
}

/** Whether it says that it waits, ready to take over, for the one of its kind that works: that is all it can do. */
export const isHotStandby = ({ ready, answer }: Readiness): boolean =>
  !ready && answer.includes('standby: another relay');

/** Asks once; never rejects. */
export function askReadiness(url: string, timeoutMs = 3000): Promise<Readiness> {
  return new Promise((resolve) => {
    const request = get(`${url}/ready`, { agent: false, timeout: timeoutMs }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('error', (error) => resolve({ ready: false, answer: error.message }));
      response.on('end', () => {
        resolve({
          ready: response.statusCode === 200,
          answer: `${response.statusCode ?? 0} ${body.slice(0, 500)}`,
        });
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve({ ready: false, answer: error.message }));
  });
}

/** A process that ends this often before it was ready once will not get better by itself. */
const endsBeforeGivingUp = 3;

/** Whose readiness {@link untilReady} waits for. */
export interface Awaited {
  readonly name: string;
  readonly url: string;
  readonly logFile: string;
  /** When to give up, in milliseconds of the epoch. */
  readonly deadline: number;
  /** How often the process has ended unasked. */
  readonly ends: () => number;
  /** Throws when there is nothing to wait for any more. */
  readonly proceed: () => void;
}

/**
 * Asks until the process is ready.
 *
 * @throws Error with the last lines of its log when it keeps ending, or is not ready in time
 */
export async function untilReady({ name, url, logFile, deadline, ends, proceed }: Awaited): Promise<void> {
  const failure = (what: string) =>
    new Error(`${name} ${what}; its log is ${logFile}\n  ${lastLines(logFile).join('\n  ')}`);
  for (;;) {
    proceed();
    const { ready, answer } = await askReadiness(url);
    if (ready || isHotStandby({ ready, answer })) return;
    if (ends() >= endsBeforeGivingUp) throw failure('keeps ending');
    if (Date.now() > deadline) throw failure(`is not ready: ${answer}`);
    await sleep(100);
  }
}
