import type { MessageContext } from '../messaging/message';
import type { Transaction, Transactor } from './transactor';

/** How many requests become one transaction at most. */
const GROUP_SIZE = 100;
/** How many groups are under way at most: a slow request holds up only those of its own group, until there are so many. */
const MAX_GROUPS = 4;

interface Request<Ports> {
  readonly context: MessageContext;
  readonly work: (ports: Ports) => Promise<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs requests that come in together as one transaction, as the consumer does with messages: one commit to wait for instead of many. A request that
 * comes alone is not held up. When one of a group fails or is rejected, the transaction is rolled back and each of them runs alone, so that none harms another. A
 * request with an Idempotency-Key always runs alone: what the key guards is a transaction of its own.
 * @param isUnavailable true for errors after which nobody knows what was committed: such requests are not run again
 */
export function groupingTransactor<Ports>(
  transactor: Transactor<Ports>,
  isUnavailable: (error: unknown) => boolean,
): Transactor<Ports> {
  const waiting: Request<Ports>[] = [];
  let underWay = 0;
  let scheduled = false;

  const schedule = (): void => {
    if (scheduled || underWay === MAX_GROUPS || waiting.length === 0) return;
    scheduled = true;
    // What has arrived with it is read in this turn of the event loop.
    setImmediate(() => {
      scheduled = false;
      underWay += 1;
      void run(waiting.splice(0, GROUP_SIZE)).finally(() => {
        underWay -= 1;
        schedule();
      });
      schedule();
    });
  };

  const run = async (group: readonly Request<Ports>[]): Promise<void> => {
    if (group.length === 1) return runEachAlone(group);
    try {
      const answers = await transactor.transaction((transaction) => runTogether(transaction, group));
      group.forEach(({ resolve }, index) => resolve(answers[index]));
    } catch (error) {
      if (!isUnavailable(error)) return runEachAlone(group);
      for (const { reject } of group) reject(error);
    }
  };

  const runEachAlone = async (group: readonly Request<Ports>[]): Promise<void> => {
    for (const { context, work, resolve, reject } of group)
      await transactor.execute(context, work).then(resolve, reject);
  };

  return {
    transaction: (work) => transactor.transaction(work),
    execute: (context, work, options) => {
      if (options?.idempotency !== undefined) return transactor.execute(context, work, options);
      return new Promise((resolve, reject) => {
        // A request's answer is what its own work gave.
        waiting.push({ context, work, resolve: (answer) => resolve(answer as never), reject });
        schedule();
      });
    },
  };
}

async function runTogether<Ports>(
  { work: unitOfWork, ports }: Transaction<Ports>,
  group: readonly Request<Ports>[],
): Promise<unknown[]> {
  const running = group.map(({ context, work }) => work(ports(unitOfWork.scope(context))));
  // Only when all have ended: the connection must be idle before it is rolled back.
  await Promise.allSettled(running);
  return Promise.all(running);
}
