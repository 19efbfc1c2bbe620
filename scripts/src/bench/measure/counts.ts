/** How often a statement ran in a database. */
export interface StatementCalls {
  readonly database: string;
  /** With its constants left out, as pg_stat_statements keeps it. */
  readonly query: string;
  readonly calls: number;
  readonly rows: number;
}

/** What a stretch of work cost. */
export interface Tally {
  readonly statements: readonly StatementCalls[];
  /** Those that came to be in the stretch, which some of their messages and statements may not be, and others' may. */
  readonly orders: number;
  readonly messages: number;
  /** Bytes of write-ahead log. */
  readonly walBytes: number;
}

/** What one order costs. */
export interface CountsPerOrder {
  /** BEGIN and COMMIT among them. Relays send none: their looks at whether a commit can be seen are calls of a function. */
  readonly statements: number;
  readonly commits: number;
  /** Rows that were written. */
  readonly rows: number;
  readonly walBytes: number;
  readonly messages: number;
}

/** Looks for overdue sagas, and counts those under way, a few times a second, each in a transaction of its own: BEGIN, this statement, COMMIT. */
const sweep = /FROM sagas\s+WHERE state IN .*(deadline <|AS newest)/s;

/** What else runs by the clock, however many orders there are. */
const byTheClock = [
  // The relay's checkpoint and its look at the slot, every ten seconds.
  /relay_checkpoint|pg_replication_slots|pg_current_wal_insert_lsn/,
  // The relay's heartbeat.
  /^SELECT$/,
  // Retention, every hour.
  /pg_inherits|FROM outbox_default|^DELETE FROM (inbox|message_attempts|idempotency_keys)|^CREATE TABLE/,
];

/**
 * What one order of a stretch cost. Statements that run by the clock are left out, so that a slow machine counts the same
 * as a fast one.
 */
export function countsPerOrder({ statements, orders, messages, walBytes }: Tally): CountsPerOrder {
  const caused = causedByOrders(statements);
  const calls = (some: readonly StatementCalls[]) => some.reduce((sum, each) => sum + each.calls, 0);
  const writes = caused.filter(({ query }) => /^\s*(INSERT|UPDATE|DELETE|WITH)/i.test(query));
  return {
    statements: calls(caused) / orders,
    commits: calls(caused.filter(({ query }) => query === 'COMMIT')) / orders,
    rows: writes.reduce((sum, { rows }) => sum + rows, 0) / orders,
    walBytes: walBytes / orders,
    messages: messages / orders,
  };
}

/** The statements that orders caused, most frequent first. */
export function causedByOrders(statements: readonly StatementCalls[]): StatementCalls[] {
  const sweeps = new Map<string, number>();
  for (const { database, query, calls } of statements)
    if (sweep.test(query)) sweeps.set(database, (sweeps.get(database) ?? 0) + calls);
  return statements
    .filter(({ query }) => !sweep.test(query) && !byTheClock.some((pattern) => pattern.test(query)))
    .map((each) =>
      each.query === 'BEGIN' || each.query === 'COMMIT'
        ? { ...each, calls: Math.max(0, each.calls - (sweeps.get(each.database) ?? 0)) }
        : each,
    )
    .filter(({ calls }) => calls > 0)
    .sort((one, other) => other.calls - one.calls);
}
