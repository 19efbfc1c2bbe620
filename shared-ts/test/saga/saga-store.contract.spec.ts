import { ConcurrencyConflict } from '../../src/event-sourcing';
import { newId } from '../../src/ids';
import { PostgresSession, postgresStores, postgresTransactor } from '../../src/postgres';
import type { SagaFilter, SagaInstance, SagaTransition } from '../../src/saga';
import { eachStore, freshDatabase, type TestDatabase } from '../../src/testing';
import type { Stores } from '../../src/unit-of-work';
import { sagaInstance } from './saga-instance';
import { bothAdapters, postgresPorts, sharedSchema } from '../unit-of-work/test-ports';

const NOW = new Date('2026-01-01T12:00:00.000Z');
const before = (milliseconds: number): string => new Date(NOW.getTime() - milliseconds).toISOString();

const saga = (overrides: Partial<SagaInstance> = {}): SagaInstance =>
  sagaInstance({ data: { orderId: 'größe', list: [1, null] }, ...overrides });

eachStore(bothAdapters, (transactor) => {
  const within = <T>(work: (stores: Stores) => Promise<T>): Promise<T> =>
    transactor().transaction(({ work: { stores } }) => work(stores));
  const save = (...instances: SagaInstance[]): Promise<void> => within(({ sagas }) => sagas.save(instances));
  const overdue = (limit = 1_000): Promise<string[]> =>
    within(async ({ sagas }) => (await sagas.overdue(NOW, limit)).map(({ sagaId }) => sagaId));

  // What a test leaves overdue would be seen by the next.
  beforeEach(async () => {
    for (const instance of await within(({ sagas }) => sagas.overdue(NOW, 1_000)))
      await save({ ...instance, state: 'COMPLETED', deadline: undefined });
  });

  it('gives a saga back as it was saved', async () => {
    const full = saga({
      state: 'COMPENSATING',
      pendingCommandId: newId(),
      deadline: '2999-01-01T00:00:00.000Z',
      sends: 5,
      attempts: 3,
      failure: 'ACCOUNT_DISABLED',
      inDoubt: newId(),
      stuckFrom: 'COMPENSATING',
    });
    const bare = saga();
    await save(full, bare);
    const found = await within(({ sagas }) => sagas.lock([bare.sagaId, full.sagaId, newId()]));
    expect(found.size).toBe(2);
    expect(found.get(full.sagaId)).toEqual({ ...full, version: 1 });
    expect(found.get(bare.sagaId)).toEqual({ ...bare, version: 1 });
  });

  it('replaces a saga, and what it no longer waits for is gone', async () => {
    const first = saga({
      state: 'STUCK',
      pendingCommandId: newId(),
      deadline: before(-1),
      failure: 'because',
      inDoubt: newId(),
      stuckFrom: 'RUNNING',
    });
    await save(first);
    const last: SagaInstance = {
      ...first,
      state: 'COMPLETED',
      step: 4,
      data: { done: true },
      stepSince: before(1_000),
      sends: 2,
      attempts: 7,
      pendingCommandId: undefined,
      deadline: undefined,
      failure: undefined,
      inDoubt: undefined,
      stuckFrom: undefined,
      version: 1,
    };
    await save(last);
    expect((await within(({ sagas }) => sagas.lock([first.sagaId]))).get(first.sagaId)).toEqual({
      ...last,
      version: 2,
    });
  });

  it('refuses a save that was decided on an older version, and all of its transaction', async () => {
    const [first, other] = [saga(), saga()];
    await save(first);
    await save({ ...first, version: 1, step: 2 });
    for (const old of [first, { ...first, version: 1 }, { ...first, version: 3 }])
      await expect(save(other, { ...old, step: 3 })).rejects.toThrow(ConcurrencyConflict);
    const found = await within(({ sagas }) => sagas.lock([first.sagaId, other.sagaId]));
    expect([...found.values()]).toEqual([{ ...first, version: 2, step: 2 }]);
  });

  it('leaves nothing of a transaction that throws', async () => {
    const instance = saga();
    const failing = within(async ({ sagas }) => {
      await sagas.save([instance]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect((await within(({ sagas }) => sagas.lock([instance.sagaId]))).size).toBe(0);
  });

  it('finds sagas under way whose deadline has passed, the longest overdue first', async () => {
    const late = saga({ deadline: before(1_000) });
    const later = saga({ deadline: before(5_000), state: 'COMPENSATING' });
    const instances = [
      late,
      later,
      saga({ deadline: NOW.toISOString() }),
      saga({ deadline: before(-1_000) }),
      saga({ deadline: undefined }),
      saga({ deadline: before(9_000), state: 'STUCK' }),
      saga({ deadline: before(9_000), state: 'COMPLETED' }),
      saga({ deadline: before(9_000), state: 'COMPENSATED' }),
    ];
    await save(...instances);
    expect(await overdue()).toEqual([later.sagaId, late.sagaId]);
  });

  it('gives no more overdue sagas than it is asked for', async () => {
    const sagas = [3, 1, 2].map((seconds) => saga({ deadline: before(seconds * 1_000) }));
    await save(...sagas);
    expect(await overdue(2)).toEqual([sagas[0]?.sagaId, sagas[2]?.sagaId]);
  });

  it('keeps the history of each saga in order', async () => {
    const sagaId = newId();
    const started: SagaTransition = {
      sagaName: 'testservice.TestSaga',
      sagaId,
      kind: 'started',
      step: '',
      state: 'RUNNING',
      at: before(90_000),
    };
    const replied: SagaTransition = {
      ...started,
      kind: 'reply',
      step: 'create the ticket',
      message: 'msg.Failure',
      messageId: newId(),
      outcome: 'FAILURE',
      at: before(1_000),
    };
    await within(({ sagas }) => sagas.record([started, { ...started, sagaId: newId() }]));
    await within(({ sagas }) =>
      sagas.record([replied, { ...started, kind: 'compensated', state: 'COMPENSATED' }]),
    );
    const history = await within(({ sagas }) => sagas.history(sagaId));
    expect(history).toEqual([started, replied, { ...started, kind: 'compensated', state: 'COMPENSATED' }]);
    expect(await within(({ sagas }) => sagas.history(newId()))).toEqual([]);
  });

  it('finds a saga without locking it', async () => {
    const instance = saga();
    await save(instance);
    expect(await within(({ sagas }) => sagas.find(instance.sagaId))).toEqual({ ...instance, version: 1 });
    expect(await within(({ sagas }) => sagas.find(newId()))).toBeUndefined();
  });

  describe('lists sagas', () => {
    // A name of its own, because the other tests leave sagas behind.
    const mine: SagaInstance[] = [];
    const sagaName = `testservice.Listed-${newId()}`;
    const ids = async (filter: SagaFilter, before?: string, limit = 100): Promise<number[]> => {
      const page = await within(({ sagas }) => sagas.page(filter, before, limit));
      return page.map(({ sagaId }) => mine.findIndex((each) => each.sagaId === sagaId));
    };
    beforeAll(async () => {
      const states = ['COMPLETED', 'RUNNING', 'STUCK', 'COMPENSATING', 'COMPENSATED', 'RUNNING'] as const;
      mine.push(...states.map((state) => saga({ sagaName, state })));
      await save(...mine);
    });

    it('the newest first', async () => {
      expect(await ids({ name: sagaName })).toEqual([5, 4, 3, 2, 1, 0]);
      expect((await ids({}, undefined, 1_000)).filter((index) => index >= 0)).toEqual([5, 4, 3, 2, 1, 0]);
    });

    it('page by page', async () => {
      expect(await ids({ name: sagaName }, undefined, 2)).toEqual([5, 4]);
      expect(await ids({ name: sagaName }, mine[4]?.sagaId, 3)).toEqual([3, 2, 1]);
    });

    it.each([
      ['RUNNING', [5, 1]],
      ['COMPENSATING', [3]],
      ['STUCK', [2]],
      ['COMPLETED', [0]],
      ['COMPENSATED', [4]],
    ] as const)('that are %s', async (state, expected) => {
      expect(await ids({ name: sagaName, state })).toEqual(expected);
    });

    it('and counts those that have not ended, by name and state', async () => {
      const counts = await within(({ sagas }) => sagas.countOpen());
      const counted = counts.filter((each) => each.sagaName === sagaName);
      expect(new Map(counted.map(({ state, count }) => [state, count]))).toEqual(
        new Map([
          ['RUNNING', 2],
          ['COMPENSATING', 1],
          ['STUCK', 1],
        ]),
      );
    });
  });
});

describe('sagas on PostgreSQL, for several replicas', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
  });
  afterAll(() => database.drop());
  const replica = () => postgresTransactor(database.pool, 'test-service', postgresPorts);

  it('passes over the overdue sagas that another sweep holds', async () => {
    const [one, two] = [saga({ deadline: before(2_000) }), saga({ deadline: before(1_000) })];
    await replica().transaction(({ work }) => work.stores.sagas.save([one, two]));
    await replica().transaction(async (first) => {
      const held = await first.work.stores.sagas.overdue(NOW, 1);
      expect(held.map(({ sagaId }) => sagaId)).toEqual([one.sagaId]);
      const others = await replica().transaction((second) => second.work.stores.sagas.overdue(NOW, 10));
      expect(others.map(({ sagaId }) => sagaId)).toEqual([two.sagaId]);
    });
  });

  it('lets one transaction at a time take a saga on, and the next sees what the first has done', async () => {
    const instance = saga({ attempts: 0 });
    await replica().transaction(({ work }) => work.stores.sagas.save([instance]));
    const takeOn = (): Promise<void> =>
      replica().transaction(async ({ work: { stores } }) => {
        const found = (await stores.sagas.lock([instance.sagaId])).get(instance.sagaId);
        if (found === undefined) throw new Error('the saga is missing');
        await stores.sagas.save([{ ...found, attempts: found.attempts + 1 }]);
      });
    await Promise.all(Array.from({ length: 20 }, takeOn));
    const { rows } = await database.pool.query('SELECT attempts FROM sagas WHERE saga_id = $1', [
      instance.sagaId,
    ]);
    expect(rows).toEqual([{ attempts: 20 }]);
  });

  it('touches no index when a saga takes a step', async () => {
    const instance = saga({ pendingCommandId: newId(), deadline: before(0) });
    const client = await database.pool.connect();
    const hotUpdates = async (): Promise<number> => {
      const { rows } = await client.query<{ count: number }>(
        `SELECT pg_stat_get_xact_tuples_hot_updated('sagas'::regclass)::int AS count`,
      );
      return rows[0]?.count ?? 0;
    };
    try {
      await client.query('BEGIN');
      const { sagas } = postgresStores(new PostgresSession(client));
      await sagas.save([instance]);
      const earlier = await hotUpdates();
      await sagas.save([
        { ...instance, version: 1, step: 2, pendingCommandId: newId(), deadline: before(-1_000) },
      ]);
      expect((await hotUpdates()) - earlier).toBe(1);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });
});
