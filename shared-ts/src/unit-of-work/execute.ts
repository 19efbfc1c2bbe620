import { setTimeout as sleep } from 'node:timers/promises';
import { unprocessable } from '../domain';
import { ConcurrencyConflict } from '../event-sourcing';
import type { MessageContext } from '../messaging/message';
import type { ExecuteOptions, Transactor } from './transactor';

const TRIES = 10;
/** How long a request that met another writer twice and more waits at most before the next try, in milliseconds: by lot, so that they don't meet again. */
const LONGEST_WAIT = 20;

/** The part of `Transactor.execute` that does not depend on what the stores are kept in. */
export async function execute<Ports, T>(
  transactor: Pick<Transactor<Ports>, 'transaction'>,
  context: MessageContext,
  work: (ports: Ports) => Promise<T>,
  { idempotency }: ExecuteOptions = {},
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transactor.transaction(async (transaction) => {
        const store = transaction.work.stores.idempotency;
        const earlier = idempotency === undefined ? undefined : await store.claim(idempotency);
        if (earlier !== undefined) {
          if (earlier.fingerprint === idempotency?.fingerprint) return earlier.answer as T;
          throw unprocessable(
            'IDEMPOTENCY_KEY_REUSED',
            'This Idempotency-Key was used with another body before; send a new key with a new request.',
          );
        }
        const answer = await work(transaction.ports(transaction.work.scope(context)));
        if (idempotency !== undefined) await store.complete(idempotency, answer);
        return answer;
      });
    } catch (error) {
      if (!(error instanceof ConcurrencyConflict) || tries === TRIES) throw error;
      if (tries > 1) await sleep(Math.random() * LONGEST_WAIT);
    }
  }
}
