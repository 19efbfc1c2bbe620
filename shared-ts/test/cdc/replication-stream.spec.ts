import { parseLsn, type Lsn } from '../../src/cdc/lsn';
import { ReplicationStream } from '../../src/cdc/replication-stream';
import { createSlot } from '../../src/cdc/slot';
import { asAdmin, eventually, outboxDatabase, type OutboxDatabase } from './support';

describe('a replication stream', () => {
  let database: OutboxDatabase;
  let stream: ReplicationStream;
  let positions: Lsn[];

  beforeEach(async () => {
    database = await outboxDatabase();
    await createSlot(database.pool, database.slot);
    positions = [];
    stream = new ReplicationStream({
      databaseUrl: database.url,
      slot: database.slot,
      publication: 'ftgo_outbox',
      applicationName: 'test-cdc',
      sessionTimeout: 15_000,
      listener: {
        onMessage: () => undefined,
        onKeepalive: (position) => positions.push(position),
      },
    });
    await stream.open();
  });

  afterEach(async () => {
    await stream.close();
    await database.drop();
  });

  /** Commits in another database, one after the other; gives the log's position after them. */
  const commitElsewhere = (times: number): Promise<Lsn> =>
    asAdmin(async (client) => {
      for (let time = 0; time < times; time++)
        await client.query(`SELECT pg_logical_emit_message(true, 'elsewhere', '')`);
      const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
      return parseLsn(rows[0]?.lsn ?? '');
    });

  const hasHeardOf = (position: Lsn) => () => expect(positions.at(-1)).toBeGreaterThanOrEqual(position);

  it('hears how far the log is read in which nothing is for it', async () => {
    await eventually(hasHeardOf(await commitElsewhere(1)));
  });

  it('hears it when it asks', async () => {
    const position = await commitElsewhere(1);
    await eventually(() => {
      stream.askForPosition();
      hasHeardOf(position)();
    });
  });

  it('is not woken by each commit of another database', async () => {
    const times = 500;
    await eventually(hasHeardOf(await commitElsewhere(times)));
    expect(positions.length).toBeLessThan(times / 5);
  });

  it('has the server forget nothing before it is confirmed, and that then', async () => {
    const position = await commitElsewhere(1);
    await eventually(hasHeardOf(position));
    const before = await confirmed();
    stream.askForPosition();
    await eventually(hasHeardOf(await commitElsewhere(1)));
    expect(await confirmed()).toBe(before);
    expect(before).toBeLessThan(position);
    stream.confirm(position);
    await eventually(async () => expect(await confirmed()).toBe(position));
  });

  const confirmed = async (): Promise<Lsn> => {
    const { rows } = await database.pool.query<{ lsn: string }>(
      'SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = $1',
      [database.slot],
    );
    return parseLsn(rows[0]?.lsn ?? '');
  };
});
