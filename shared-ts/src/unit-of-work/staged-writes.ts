/** Writes of one kind that wait for the commit, to go out with it as one statement. */
export class StagedWrites<Item> {
  private readonly items: Item[] = [];

  /** @param write what makes one statement of many items */
  constructor(private readonly write: (items: readonly Item[]) => Promise<void>) {}

  add(item: Item): void {
    this.items.push(item);
  }

  /** Writes what is staged by now: called before the commit, and by whoever reads what it may change. */
  flush(): Promise<void> {
    // Passed on as it is: one that fails before it is sent has to say so within this turn.
    return this.items.length === 0 ? Promise.resolve() : this.write(this.items.splice(0));
  }
}
