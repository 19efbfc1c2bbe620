import { setTimeout as sleep } from 'node:timers/promises';
import { natsAddress } from '@ftgo/shared-ts/messaging';
import { connect } from 'nats';
import { streamInfo } from './broker-users';
import type { ServerProcess } from './server-process';

/** So many answers in a row must be missing: one may be where the machine was asleep. */
const patience = 3;

/** What {@link watchBroker} is told. */
export interface BrokerWatch {
  readonly server: Pick<ServerProcess, 'exited' | 'kill'>;
  /** Whether the broker answers; must say so in the end, whatever the broker does. */
  readonly ask: () => Promise<boolean>;
  /** Told, in a line for people, that the broker is ended. */
  readonly report: (line: string) => void;
  /** The pause between two questions, in milliseconds. Ten seconds if left out. */
  readonly pauseMs?: number;
}

/**
 * Kills a broker that does not answer any more, for its supervisor to start another one: nats-server 2.9 may wait for itself for
 * ever once it could not write to a full disk. Resolves when the broker has ended.
 */
export async function watchBroker({ server, ask, report, pauseMs = 10_000 }: BrokerWatch): Promise<void> {
  const over = new AbortController();
  const ended = server.exited.then(() => over.abort());
  for (let missing = 0; ;) {
    missing = (await ask()) ? 0 : missing + 1;
    if (over.signal.aborted) return;
    if (missing === patience) break;
    await sleep(pauseMs, undefined, { signal: over.signal }).catch(() => undefined);
  }
  report(`nats has not answered ${patience} times in a row; it is killed`);
  server.kill('SIGKILL');
  await ended;
}

/**
 * Whether JetStream answers within so many milliseconds, by a connection of its own; that there is no stream is an answer, too.
 *
 * @param url connects as a user who may ask for the stream's state
 */
export async function jetStreamAnswers(url: string, timeoutMs = 10_000): Promise<boolean> {
  const connection = await connect({ ...natsAddress(url), reconnect: false, timeout: timeoutMs }).catch(
    () => undefined,
  );
  if (connection === undefined) return false;
  const answer = await connection
    .request(streamInfo, undefined, { timeout: timeoutMs })
    .catch(() => undefined);
  // Not waited for: a broker that hangs must not hold up the verdict.
  void connection.close().catch(() => undefined);
  return answer !== undefined;
}
