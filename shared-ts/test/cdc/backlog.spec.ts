import { Pool, type PoolClient } from 'pg';
import { Backlog, PAGE_SIZE, publishPages } from '../../src/cdc/backlog';
import { PostgresParking } from '../../src/cdc/parking';
import { PublishingPipeline } from '../../src/cdc/publishing';
import {
  eventually,
  FakeBroker,
  outboxDatabase,
  recordedLog,
  relayMetrics,
  type OutboxDatabase,
} from './support';

describe('the pages of the outbox', () => {
  let database: OutboxDatabase;
  let pool: Pool;
  let reader: PoolClient | undefined;

  beforeEach(async () => {
    database = await outboxDatabase();
    pool = new Pool({ connectionString: database.url, max: 1 });
    pool.on('connect', (client) => (reader = client));
    await database.insert(...Array.from({ length: PAGE_SIZE + 1 }, () => ({})));
  });

  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  it('fail, and nothing else does, when the connection is ended while a page waits for the broker', async () => {
    const broker = new FakeBroker();
    let answer: (() => void) | undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    broker.onPublish = () => answered;
    const pipeline = new PublishingPipeline({
      publisher: broker,
      parking: new PostgresParking(database.pool),
      limits: { messages: PAGE_SIZE, bytes: 1_000_000 },
      metrics: relayMetrics(),
      log: recordedLog(),
      onConfirmed: () => undefined,
    });
    const published = publishPages(pipeline, new Backlog(pool).since(new Date(0)), 1n).then(
      () => undefined,
      (error: unknown) => error,
    );
    await eventually(() => expect(broker.tried.size).toBe(PAGE_SIZE));
    // Not events.once, which would listen for an error, too.
    const ended = new Promise<void>((resolve) => reader?.once('end', resolve));
    const { rowCount } = await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND state = 'idle in transaction'`,
    );
    expect(rowCount).toBe(1);
    await ended;
    answer?.();
    expect(await published).toBeInstanceOf(Error);
    expect(pool.totalCount).toBe(0);
    pipeline.abort();
  });

  it('take their connection with them when they are not read to the end: its transaction is open', async () => {
    for await (const page of new Backlog(pool).since(new Date(0))) {
      expect(page).toHaveLength(PAGE_SIZE);
      break;
    }
    expect(pool.totalCount).toBe(0);
  });

  it('leave nothing behind on a connection that goes back to its pool', async () => {
    const listeners: (number | undefined)[] = [];
    for (let reading = 0; reading < 3; reading++) {
      let count = 0;
      for await (const page of new Backlog(pool).since(new Date(0))) count += page.length;
      expect(count).toBe(PAGE_SIZE + 1);
      listeners.push(reader?.listenerCount('error'));
    }
    // The pool's own.
    expect(listeners).toEqual([1, 1, 1]);
    expect(pool.totalCount).toBe(1);
  });
});
