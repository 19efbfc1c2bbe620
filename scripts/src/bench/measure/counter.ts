import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { databases } from '../../infrastructure/databases';
import type { StatementCalls, Tally } from './counts';
import type { StreamView } from './stream';

/** Settings that a server needs for {@link Counter}, and for the times of commits. */
export const countingSettings = {
  shared_preload_libraries: 'pg_stat_statements',
  track_commit_timestamp: 'on',
} as const;

/** An order that is only placed and approved has two messages here, one at its beginning and one at its end. */
const orderSubject = 'ftgo.orderservice.Order';
const messagesOnIt = 2;

/** Back ends take a changed setting up between two statements. */
const reloadMs = 500;

/** Counts what the fleet asks of PostgreSQL (by pg_stat_statements) and of the broker (by the stream's numbers). */
export class Counter {
  private before = { sequence: 0, lsn: '0/0' };

  private constructor(
    private readonly admin: Client,
    private readonly stream: StreamView,
  ) {}

  /** @param adminUrl connects as superuser to a server that has the {@link countingSettings} */
  static async open(adminUrl: string, stream: StreamView): Promise<Counter> {
    const admin = new Client({ connectionString: adminUrl, application_name: 'bench' });
    admin.on('error', () => undefined);
    await admin.connect();
    await admin.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const counter = new Counter(admin, stream);
    await counter.turn('none');
    return counter;
  }

  close(): Promise<void> {
    return this.admin.end();
  }

  /** Counts from now on. Counting costs PostgreSQL something, so it is not done while time is taken. */
  async start(): Promise<void> {
    await this.turn('top');
    this.before = { sequence: await this.stream.lastSequence(), lsn: await this.lsn() };
    await this.admin.query('SELECT pg_stat_statements_reset()');
  }

  /** What there was since {@link start}, when nothing happened to orders but that they were placed and approved. */
  async stop(): Promise<Tally> {
    const statements = await this.statements();
    const sequence = await this.stream.lastSequence();
    const { rows } = await this.admin.query<{ bytes: number }>(
      'SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)::float8 AS bytes',
      [this.before.lsn],
    );
    await this.turn('none');
    const onSubject = await this.stream.countOn(orderSubject, this.before.sequence, sequence);
    return {
      statements,
      orders: onSubject / messagesOnIt,
      messages: sequence - this.before.sequence,
      walBytes: rows[0]?.bytes ?? 0,
    };
  }

  /** Runs a statement as superuser. */
  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.admin.query<Row>(text, [...values])).rows;
  }

  private async turn(track: 'none' | 'top'): Promise<void> {
    await this.admin.query(`ALTER SYSTEM SET pg_stat_statements.track = '${track}'`);
    await this.admin.query('SELECT pg_reload_conf()');
    await sleep(reloadMs);
  }

  private async lsn(): Promise<string> {
    const [row] = await this.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
    return row?.lsn ?? '0/0';
  }

  private statements(): Promise<StatementCalls[]> {
    return this.query<StatementCalls>(
      `SELECT datname AS database, query, sum(calls)::float8 AS calls, sum(rows)::float8 AS rows
       FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
       WHERE datname = ANY($1) GROUP BY 1, 2`,
      [databases.map(({ database }) => database)],
    );
  }
}
