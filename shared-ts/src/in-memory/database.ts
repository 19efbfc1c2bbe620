/**
 * Tables in memory with transactions: one runs at a time, sees its own writes, and leaves nothing behind when it fails. Values are kept as they
 * are given; whoever writes hands over something that nobody changes later.
 */
export class InMemoryDatabase {
  private readonly tables = new Map<string, Map<string, unknown>>();
  private last: Promise<unknown> = Promise.resolve();

  /** Runs work alone; its writes become visible to others when it returns. */
  transaction<T>(work: (session: InMemorySession) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      const session = new InMemorySession((table) => this.table(table));
      const result = await work(session);
      session.commit();
      return result;
    };
    const result = this.last.then(run, run);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** What is committed in a table; for assertions. */
  rows<Value>(table: string): readonly Value[] {
    return [...this.table(table).values()] as Value[];
  }

  private table(name: string): Map<string, unknown> {
    let table = this.tables.get(name);
    if (table === undefined) this.tables.set(name, (table = new Map<string, unknown>()));
    return table;
  }
}

/** A running transaction on an InMemoryDatabase. */
export class InMemorySession {
  private readonly written = new Map<string, Map<string, unknown>>();

  constructor(private readonly committed: (table: string) => Map<string, unknown>) {}

  get<Value>(table: string, key: string): Value | undefined {
    const written = this.written.get(table);
    return (written?.has(key) ? written.get(key) : this.committed(table).get(key)) as Value | undefined;
  }

  put(table: string, key: string, value: unknown): void {
    let written = this.written.get(table);
    if (written === undefined) this.written.set(table, (written = new Map<string, unknown>()));
    written.set(key, value);
  }

  /** All values of a table, in the order in which their keys were first written. */
  all<Value>(table: string): readonly Value[] {
    const merged = new Map(this.committed(table));
    for (const [key, value] of this.written.get(table) ?? []) merged.set(key, value);
    return [...merged.values()].filter((value) => value !== undefined) as Value[];
  }

  commit(): void {
    for (const [name, written] of this.written) {
      const table = this.committed(name);
      for (const [key, value] of written) {
        if (value === undefined) table.delete(key);
        else table.set(key, value);
      }
    }
  }
}
