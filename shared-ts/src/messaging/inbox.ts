import type { OutboxRow } from './outbox';

/** Of messages that were taken for new, one had been entered before, or stands among them twice. */
export class Repeated extends Error {
  override readonly name = 'Repeated';
}

/** Remembers which messages a consumer has handled. All calls are part of the surrounding transaction. */
export interface Inbox {
  /**
   * Enters messages as handled, whether they were before or not.
   * @returns the ids that were not there before: only these may have an effect
   */
  enter(consumer: string, messageIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Enters messages that are new, as nearly all are: it is cheaper than to ask which of them are.
   * @throws Repeated when one is not: then the transaction has failed and is to be rolled back
   */
  enterNew(consumer: string, messageIds: readonly string[]): Promise<void>;
  /**
   * The replies that were sent when commands were handled, for commands that come again. A reply is found for as long as the outbox keeps it; while
   * the transaction that handles the command has not committed, it is not there yet.
   */
  repliesTo(consumer: string, messageIds: readonly string[]): Promise<readonly OutboxRow[]>;
}
