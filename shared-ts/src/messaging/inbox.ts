import type { OutboxRow } from './outbox';

/** Remembers which messages a consumer has handled. All calls are part of the surrounding transaction. */
export interface Inbox {
  /**
   * Enters messages as handled.
   * @returns the ids that were not there before: only these may have an effect
   */
  enter(consumer: string, messageIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * The replies that were sent when commands were handled, for commands that come again. A reply is found for as long as the outbox keeps it; while
   * the transaction that handles the command has not committed, it is not there yet.
   */
  repliesTo(consumer: string, messageIds: readonly string[]): Promise<readonly OutboxRow[]>;
}
