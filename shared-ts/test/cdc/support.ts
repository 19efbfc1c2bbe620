import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { Registry } from 'prom-client';
import { createRelayMetrics, type RelayMetrics } from '../../src/cdc/metrics';
import type { RelayLog } from '../../src/cdc/relay';
import { PublishError, type BrokerMessage, type Publisher } from '../../src/messaging/broker';
import { eventually } from '../../src/testing/eventually';
import { testServerUrl } from '../../src/testing/fresh-database';

export { eventually };

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

/** Runs statements on the server's own database. */
export async function asAdmin<Result>(
  work: (client: Client) => Promise<Result>,
  url = testServerUrl(),
): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @param server superuser's URL of the server, the shared one if left out */
export async function outboxDatabase(server = testServerUrl()): Promise<OutboxDatabase> {
  const name = `cdc_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const slot = `${name}_outbox`;
  await asAdmin((client) => client.query(`CREATE DATABASE ${name}`), server);
  const url = new URL(server);
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
        await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [
          name,
        ]);
        await eventually(() =>
          client.query(
            `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1`,
            [slot],
          ),
        );
        await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      }, server);
    },
  };
}

/** Inserts rows with one statement on a pool or a connection. */
export async function insertRows(
  target: Pick<Client, 'query'> | Pool,
  rows: readonly TestRow[],
): Promise<void> {
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
  /** Ids of all that it was given, stored or not. */
  readonly tried = new Set<string>();
  /** The most publications that were under way at a time. */
  mostInFlight = 0;
  /** Called before a message is stored; what it throws is the outcome. */
  onPublish: (message: BrokerMessage) => Promise<void> | void = () => undefined;
  private inFlight = 0;

  async publish(message: BrokerMessage): Promise<void> {
    this.tried.add(message.id);
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

/** A way to the database that can be cut, as when the relay's host loses its network. */
export interface Proxy {
  readonly url: string;
  /** Ends all connections, and refuses new ones. */
  cut(): Promise<void>;
  /** Passes nothing on any more, in either direction, and ends no connection. */
  freeze(): void;
}

export async function proxyTo(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let frozen = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined);
  };
  const server = createServer((socket) => {
    const upstream = keep(connect(Number(target.port), target.hostname));
    keep(socket);
    if (!frozen) socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

export const testIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
