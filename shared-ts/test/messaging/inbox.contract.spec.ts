import { newId } from '../../src/ids';
import { Repeated, type OutboxRow } from '../../src/messaging';
import { postgresTransactor } from '../../src/postgres';
import { eachStore, freshDatabase, type TestDatabase } from '../../src/testing';
import { bothAdapters, postgresPorts, sharedSchema } from '../unit-of-work/test-ports';

eachStore(bothAdapters, (transactor) => {
  const enter = (consumer: string, ids: readonly string[]): Promise<ReadonlySet<string>> =>
    transactor().transaction(({ work }) => work.stores.inbox.enter(consumer, ids));
  const enterNew = (consumer: string, ids: readonly string[]): Promise<void> =>
    transactor().transaction(({ work }) => work.stores.inbox.enterNew(consumer, ids));

  it('lets a message in once', async () => {
    const id = newId();
    expect(await enter('order-service', [id])).toEqual(new Set([id]));
    expect(await enter('order-service', [id])).toEqual(new Set());
  });

  it('gives of many messages those that are new', async () => {
    const [old, one, two] = ['old', 'b-new', 'a-new'].map((name) => `${name}-${newId()}`) as [
      string,
      string,
      string,
    ];
    await enter('order-service', [old]);
    expect(await enter('order-service', [one, old, two])).toEqual(new Set([one, two]));
  });

  it('lets a message that stands twice in one batch in once', async () => {
    const id = newId();
    expect(await enter('order-service', [id, id])).toEqual(new Set([id]));
  });

  it('enters what is new, as one', async () => {
    const [one, two] = [newId(), newId()];
    await enterNew('order-service', [two, one]);
    expect(await enter('order-service', [one, two])).toEqual(new Set());
  });

  it('enters nothing as new of which one was there before', async () => {
    const [old, fresh] = [newId(), newId()];
    await enter('order-service', [old]);
    await expect(enterNew('order-service', [fresh, old])).rejects.toThrow(Repeated);
    expect(await enter('order-service', [old, fresh])).toEqual(new Set([fresh]));
  });

  it('enters nothing as new that stands twice in one batch', async () => {
    const id = newId();
    await expect(enterNew('order-service', [id, id])).rejects.toThrow(Repeated);
    expect(await enter('order-service', [id])).toEqual(new Set([id]));
  });

  it('keeps consumers apart', async () => {
    const id = newId();
    await enter('order-service', [id]);
    expect(await enter('kitchen-service', [id])).toEqual(new Set([id]));
    await enterNew('delivery-service', [id]);
  });

  it('forgets a message whose transaction throws', async () => {
    const id = newId();
    const failing = transactor().transaction(async ({ work }) => {
      await work.stores.inbox.enter('order-service', [id]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await enter('order-service', [id])).toEqual(new Set([id]));
  });
});

eachStore(bothAdapters, (transactor) => {
  const reply = (command: string, inReplyTo = command): OutboxRow => ({
    id: newId(),
    channel: 'test.Saga.reply',
    partitionKey: 'key',
    headers: { 'ce-type': 'msg.Success', 'ce-messagekind': 'reply', 'ce-inreplyto': inReplyTo },
    payload: `{ "to":"${command}" }`,
  });
  /** Handles commands as one batch, with these rows as what comes of it. */
  const handle = (ids: readonly string[], rows: readonly OutboxRow[]): Promise<void> =>
    transactor().transaction(async ({ work: { stores } }) => {
      await stores.inbox.enter('order-service', ids);
      await stores.outbox.add(rows);
    });
  const repliesTo = (...ids: string[]): Promise<readonly OutboxRow[]> =>
    transactor().transaction(({ work }) => work.stores.inbox.repliesTo('order-service', ids));

  it('finds the reply that a command got, byte for byte, among those of its batch', async () => {
    const [one, two, three] = [newId(), newId(), newId()];
    const rows = [
      reply(one),
      { ...reply(two), headers: { 'ce-messagekind': 'event' } },
      reply(two),
      reply(three),
    ];
    await handle([one, two, three], rows);
    expect(await repliesTo(two)).toEqual([rows[2]]);
    expect(new Set(await repliesTo(three, one))).toEqual(new Set([rows[0], rows[3]]));
  });

  it('finds nothing for a message that got no reply, and none for one that never came', async () => {
    const [silent, unknown] = [newId(), newId()];
    await handle([silent], []);
    expect(await repliesTo(silent, unknown)).toEqual([]);
  });

  it('gives the first reply only, though it was sent again since', async () => {
    const id = newId();
    const first = reply(id);
    await handle([id], [first]);
    await transactor().transaction(({ work }) => work.stores.outbox.add([{ ...first, id: newId() }]));
    expect(await repliesTo(id)).toEqual([first]);
  });
});

describe('replicas on PostgreSQL that get the same messages at the same time', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
  });
  afterAll(() => database.drop());

  it('share them out: each message has its effect in one replica', async () => {
    const ids = Array.from({ length: 50 }, () => newId());
    const replica = async (rotation: number): Promise<readonly string[]> => {
      const transactor = postgresTransactor(database.pool, 'test-service', postgresPorts);
      const mine = [...ids.slice(rotation), ...ids.slice(0, rotation)];
      return transactor.transaction(async ({ work }) => [
        ...(await work.stores.inbox.enter('order-service', mine)),
      ]);
    };
    const entered = await Promise.all([0, 7, 13, 20, 31, 40].map(replica));
    expect(entered.flat().sort()).toEqual([...ids].sort());
  });

  it('take them for new in one replica and for repeated in the others, in whatever order they have them', async () => {
    const ids = Array.from({ length: 50 }, () => newId());
    const replica = (rotation: number): Promise<void> =>
      postgresTransactor(database.pool, 'test-service', postgresPorts).transaction(({ work }) =>
        work.stores.inbox.enterNew('order-service', [...ids.slice(rotation), ...ids.slice(0, rotation)]),
      );
    const outcomes = await Promise.allSettled([0, 7, 13, 20, 31, 40].map(replica));
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    expect(refused).toHaveLength(5);
    for (const reason of refused) expect(reason).toBeInstanceOf(Repeated);
  });

  /** Waits until a transaction of this database waits for another's end. */
  const someoneWaits = async (): Promise<void> => {
    for (;;) {
      const { rows } = await database.pool.query(
        `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()`,
      );
      if (rows.length > 0) return;
    }
  };

  it('wait for a replica that has not committed yet, and take the message over when it rolls back', async () => {
    const transactor = postgresTransactor(database.pool, 'test-service', postgresPorts);
    const id = newId();
    let second: Promise<ReadonlySet<string>> | undefined;
    const first = transactor.transaction(async ({ work }) => {
      await work.stores.inbox.enter('order-service', [id]);
      second = transactor.transaction(({ work: other }) => other.stores.inbox.enter('order-service', [id]));
      await someoneWaits();
      throw new Error('crashed');
    });
    await expect(first).rejects.toThrow('crashed');
    expect(await second).toEqual(new Set([id]));
  });

  it('wait for a replica that has not committed yet, and do not take for new what it commits', async () => {
    const transactor = postgresTransactor(database.pool, 'test-service', postgresPorts);
    const id = newId();
    let second: Promise<void> | undefined;
    await transactor.transaction(async ({ work }) => {
      await work.stores.inbox.enterNew('order-service', [id]);
      second = transactor.transaction(({ work: other }) =>
        other.stores.inbox.enterNew('order-service', [id]),
      );
      second.catch(() => undefined);
      await someoneWaits();
    });
    await expect(second).rejects.toThrow(Repeated);
  });
});
