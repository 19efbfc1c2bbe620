import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { Registry } from 'prom-client';
import { createRelayMetrics, type RelayMetrics } from '../../src/cdc/metrics';
import type { RelayLog } from '../../src/cdc/relay';
import { PublishError, type BrokerMessage, type Publisher } from '../../src/messaging/broker';

/** A database of its own for one spec, with an outbox in it. */
export interface OutboxDatabase {
  readonly name: string;
  readonly url: string;
  readonly slot: string;
  readonly pool: Pool;
  /** Writes rows in one transaction. */
  insert(...rows: TestRow[]): Promise<void>;
  /** Ends its connections and removes it, with its slot. */
  drop(): Promise<void>;
}

export interface TestRow {
  readonly id?: string;
  readonly key?: string;
  readonly channel?: string;
  readonly headers?: unknown;
  readonly payload?: unknown;
}

export function adminUrl(): string {
  const url = process.env['FTGO_TEST_PG'];
  if (!url) throw new Error('FTGO_TEST_PG is not set');
  return url;
}

/** Runs statements on the server's own database. */
export async function asAdmin<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function outboxDatabase(): Promise<OutboxDatabase> {
  const name = `cdc_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const slot = `${name}_outbox`;
  await asAdmin((client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href, max: 5 });
  pool.on('error', () => undefined);
  await pool.query(await readFile(join(__dirname, '../../migrations/outbox.sql'), 'utf8'));
  return {
    name,
    url: url.href,
    slot,
    pool,
    insert: (...rows) => insertRows(pool, rows),
    async drop() {
      await pool.end();
      await asAdmin(async (client) => {
        await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [name]);
        await eventually(() =>
          client.query(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1`, [slot]),
        );
        await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      });
    },
  };
}

/** Inserts rows with one statement on a pool or a connection. */
export async function insertRows(target: Pick<Client, 'query'> | Pool, rows: readonly TestRow[]): Promise<void> {
  const column = <T>(value: (row: TestRow, index: number) => T): T[] => rows.map(value);
  await target.query(
    `INSERT INTO outbox (id, channel, partition_key, headers, payload)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::json[], $5::json[])`,
    [
      column((row) => row.id ?? randomUUID()),
      column((row) => row.channel ?? 'test.Thing'),
      column((row) => row.key ?? randomUUID()),
      column((row) => JSON.stringify(row.headers ?? { 'ce-type': 'test.Happened' })),
      column((row) => JSON.stringify(row.payload ?? {})),
    ],
  );
}

/** A broker that does what a spec tells it. */
export class FakeBroker implements Publisher {
  connected = true;
  /** What it has stored, in order, duplicates included. */
  readonly stored: BrokerMessage[] = [];
  /** The most publications that were under way at a time. */
  mostInFlight = 0;
  /** Called before a message is stored; what it throws is the outcome. */
  onPublish: (message: BrokerMessage) => Promise<void> | void = () => undefined;
  private inFlight = 0;

  async publish(message: BrokerMessage): Promise<void> {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.connected) throw new PublishError('not connected', false);
      await this.onPublish(message);
      this.stored.push(message);
    } finally {
      this.inFlight--;
    }
  }

  /** Ids in the order in which they were first stored. */
  get ids(): string[] {
    return [...new Set(this.stored.map((message) => message.id))];
  }

  has(id: string): boolean {
    return this.stored.some((message) => message.id === id);
  }

  /** Payloads in the order in which they were stored. */
  get payloads(): unknown[] {
    return this.stored.map((message) => JSON.parse(Buffer.from(message.data).toString('utf8')) as unknown);
  }

  forget(): void {
    this.stored.length = 0;
  }
}

export interface RecordedLog extends RelayLog {
  readonly lines: string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const record =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { lines, info: record('info'), warn: record('warn'), error: record('error') };
}

export function relayMetrics(): RelayMetrics {
  return createRelayMetrics(new Registry());
}

/** Waits until something holds; what keeps it from holding is thrown when the test's own time is up. */
export async function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  const end = Date.now() + 30_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export const testIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
