import type { MessageContext } from '../messaging/message';
import type { ExecuteOptions, Transaction, Transactor } from './transactor';

/** How many requests become one transaction at most. */
const GROUP_SIZE = 100;
/** How many groups are under way at most: a slow request holds up only those of its own group, until there are so many. */
const MAX_GROUPS = 4;

/** What is to be done for a request, and the promise of its answer. */
class Request<Ports, Answer = unknown> {
  readonly answer: Promise<Answer>;
  resolve!: (answer: Answer | PromiseLike<Answer>) => void;
  reject!: (error: unknown) => void;

  constructor(
    readonly context: MessageContext,
    readonly work: (ports: Ports) => Promise<Answer>,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * Runs requests that come in together as one transaction, as the consumer does with messages: one commit to wait for instead of many. A request that
 * comes alone is not held up. When one of a group fails or is rejected, the transaction is rolled back and each of them runs alone, so that none harms another. A
 * request with an Idempotency-Key always runs alone: what the key guards is a transaction of its own.
 */
export class GroupingTransactor<Ports> implements Transactor<Ports> {
  private readonly waiting: Request<Ports>[] = [];
  private underWay = 0;
  private scheduled = false;

  /** @param isUnavailable true for errors after which nobody knows what was committed: such requests are not run again */
  constructor(
    private readonly transactor: Transactor<Ports>,
    private readonly isUnavailable: (error: unknown) => boolean,
  ) {}

  transaction<T>(work: (transaction: Transaction<Ports>) => Promise<T>): Promise<T> {
    return this.transactor.transaction(work);
  }

  execute<T>(
    context: MessageContext,
    work: (ports: Ports) => Promise<T>,
    options?: ExecuteOptions,
  ): Promise<T> {
    if (options?.idempotency !== undefined) return this.transactor.execute(context, work, options);
    const request = new Request(context, work);
    // Its answer is what its own work gives.
    this.waiting.push(request as unknown as Request<Ports>);
    this.schedule();
    return request.answer;
  }

  private schedule(): void {
    if (this.scheduled || this.underWay === MAX_GROUPS || this.waiting.length === 0) return;
    this.scheduled = true;
    // What has arrived with it is read in this turn of the event loop.
    setImmediate(() => {
      this.scheduled = false;
      this.underWay += 1;
      void this.run(this.waiting.splice(0, GROUP_SIZE)).finally(() => {
        this.underWay -= 1;
        this.schedule();
      });
      this.schedule();
    });
  }

  private async run(group: readonly Request<Ports>[]): Promise<void> {
    if (group.length === 1) return this.runEachAlone(group);
    try {
      const answers = await this.transactor.transaction((transaction) => runTogether(transaction, group));
      for (const [index, { resolve }] of group.entries()) resolve(answers[index]);
    } catch (error) {
      if (!this.isUnavailable(error)) return this.runEachAlone(group);
      for (const { reject } of group) reject(error);
    }
  }

  private async runEachAlone(group: readonly Request<Ports>[]): Promise<void> {
    for (const { context, work, resolve, reject } of group)
      await this.transactor.execute(context, work).then(resolve, reject);
  }
}

async function runTogether<Ports>(
  { work: unitOfWork, ports }: Transaction<Ports>,
  group: readonly Request<Ports>[],
): Promise<unknown[]> {
  const running: Promise<unknown>[] = [];
  for (const { context, work } of group) running.push(work(ports(unitOfWork.scope(context))));
  // Only when all have ended: the connection must be idle before it is rolled back.
  await Promise.allSettled(running);
  return Promise.all(running);
}
