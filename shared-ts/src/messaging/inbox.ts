/** Remembers which messages a consumer has handled. All calls are part of the surrounding transaction. */
export interface Inbox {
  /**
   * Enters messages as handled.
   * @returns the ids that were not there before: only these may have an effect
   */
  enter(consumer: string, messageIds: readonly string[]): Promise<ReadonlySet<string>>;
}
