import { join } from 'node:path';
import { newId } from '../../src/ids';
import { forgetOld, maintainOutbox, ofEndedSagas } from '../../src/postgres/retention';
import { freshDatabase, type TestDatabase } from '../../src/testing';

const DAY = 86_400_000;
const now = new Date('2030-06-15T12:00:00Z');
const at = (day: string): string => `${day}T08:00:00Z`;

describe('keeping the shared tables small', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    const folder = join(__dirname, 'no-migrations-of-its-own');
    database = await freshDatabase({ shared: ['outbox', 'inbox'], folder });
  });
  afterEach(() => database.drop());

  const partitions = async (): Promise<string[]> => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'outbox'::regclass ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };
  const write = (createdAt: string) =>
    database.pool.query(
      `INSERT INTO outbox (created_at, id, channel, partition_key, headers, payload) VALUES ($1, $2, 'c', 'k', '{}', '{}')`,
      [createdAt, newId()],
    );
  const publishedAll = () =>
    database.pool.query(
      `INSERT INTO relay_checkpoint (relay, published_below) VALUES ('outbox', pg_snapshot_xmax(pg_current_snapshot()))`,
    );
  const rowsLeft = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ count: string }>('SELECT count(*) FROM outbox');
    return Number(rows[0]?.count);
  };

  it('makes partitions for today and the coming days, once', async () => {
    await maintainOutbox(database.pool, 7 * DAY, now);
    await maintainOutbox(database.pool, 7 * DAY, now);
    expect(await partitions()).toEqual([
      'outbox_20300615',
      'outbox_20300616',
      'outbox_20300617',
      'outbox_20300618',
      'outbox_default',
    ]);
  });

  it('drops the days past the retention when all of them is published', async () => {
    await maintainOutbox(database.pool, 7 * DAY, new Date('2030-06-01T12:00:00Z'));
    await write(at('2030-06-01'));
    await publishedAll();
    await maintainOutbox(database.pool, 7 * DAY, now);
    expect(await partitions()).not.toContain('outbox_20300601');
    expect(await rowsLeft()).toBe(0);
  });

  it('keeps a day past the retention while a message of it is parked', async () => {
    await maintainOutbox(database.pool, 7 * DAY, new Date('2030-06-01T12:00:00Z'));
    await write(at('2030-06-01'));
    await publishedAll();
    await database.pool.query(
      `INSERT INTO outbox_parked (id, transaction_id, position, partition_key, channel, reason)
       SELECT id, transaction_id, position, partition_key, channel, 'too large' FROM outbox`,
    );
    await maintainOutbox(database.pool, 7 * DAY, now);
    expect(await partitions()).toContain('outbox_20300601');
    await database.pool.query('DELETE FROM outbox_parked');
    await maintainOutbox(database.pool, 7 * DAY, now);
    expect(await partitions()).not.toContain('outbox_20300601');
  });

  it('keeps a day past the retention while the relay has not published it', async () => {
    await maintainOutbox(database.pool, 7 * DAY, new Date('2030-06-01T12:00:00Z'));
    await publishedAll();
    await write(at('2030-06-01'));
    await maintainOutbox(database.pool, 7 * DAY, now);
    expect(await partitions()).toContain('outbox_20300601');
    expect(await rowsLeft()).toBe(1);
  });

  it('leaves a day to the default partition that has rows of it already', async () => {
    await write(at('2030-06-16'));
    await maintainOutbox(database.pool, 7 * DAY, now);
    expect(await partitions()).toEqual([
      'outbox_20300615',
      'outbox_20300617',
      'outbox_20300618',
      'outbox_default',
    ]);
    expect(await rowsLeft()).toBe(1);
  });

  it('deletes rows of the default partition past the retention, unless they are parked or not published', async () => {
    await write(at('2030-06-01'));
    await write(at('2030-06-02'));
    await write(at('2030-06-14'));
    await database.pool.query(
      `INSERT INTO outbox_parked (id, transaction_id, position, partition_key, channel, reason)
       SELECT id, transaction_id, position, partition_key, channel, 'too large' FROM outbox WHERE created_at = $1`,
      [at('2030-06-02')],
    );
    const days = async (): Promise<string[]> => {
      const { rows } = await database.pool.query<{ day: string }>(
        `SELECT to_char(created_at, 'MM-DD') AS day FROM outbox_default ORDER BY 1`,
      );
      return rows.map(({ day }) => day);
    };
    await maintainOutbox(database.pool, 7 * DAY, now);
    expect(await days()).toEqual(['06-01', '06-02', '06-14']);
    await publishedAll();
    await maintainOutbox(database.pool, 7 * DAY, now);
    expect(await days()).toEqual(['06-02', '06-14']);
  });

  it('forgets the history of sagas that have ended, and keeps that of the others', async () => {
    const sagas = await freshDatabase({
      shared: ['sagas'],
      folder: join(__dirname, 'no-migrations-of-its-own'),
    });
    try {
      const [ended, stuck] = [newId(), newId()];
      for (const [id, state] of [
        [ended, 'COMPLETED'],
        [stuck, 'STUCK'],
      ]) {
        await sagas.pool.query(
          `INSERT INTO sagas (saga_id, saga_name, state, step, data, attempts, correlation_id, started_at, step_since, sends)
           VALUES ($1, 's', $2, 0, '{}', 0, 'c', now(), now(), 1)`,
          [id, state],
        );
        await sagas.pool.query(
          `INSERT INTO saga_history (saga_id, saga_name, kind, step, state, at)
           SELECT $1, 's', 'command', '', $2, now() - days * interval '1 day' FROM unnest('{15,13}'::int[]) AS days`,
          [id, state],
        );
      }
      await forgetOld(sagas.pool, 'saga_history', 'at', ofEndedSagas);
      const { rows } = await sagas.pool.query<{ saga_id: string; count: number }>(
        'SELECT saga_id, count(*)::int FROM saga_history GROUP BY 1 ORDER BY 2',
      );
      expect(rows).toEqual([
        { saga_id: ended, count: 1 },
        { saga_id: stuck, count: 2 },
      ]);
    } finally {
      await sagas.drop();
    }
  });

  it('does not make writers wait behind a long transaction', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT count(*) FROM outbox');
      await expect(maintainOutbox(database.pool, 7 * DAY, now)).rejects.toMatchObject({ code: '55P03' });
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('forgets message ids that are too old to come again, and no others', async () => {
    await database.pool.query(
      `INSERT INTO inbox (consumer, message_id, handled_at)
       VALUES ('c', 'old', now() - interval '15 days'), ('c', 'young', now() - interval '13 days')`,
    );
    await forgetOld(database.pool, 'inbox', 'handled_at');
    const { rows } = await database.pool.query<{ message_id: string }>('SELECT message_id FROM inbox');
    expect(rows).toEqual([{ message_id: 'young' }]);
  });
});
