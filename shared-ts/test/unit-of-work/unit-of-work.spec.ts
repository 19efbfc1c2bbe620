import { replay } from '../../src/domain';
import { newId } from '../../src/ids';
import { InMemoryDatabase, inMemoryTransactor, tables } from '../../src/in-memory';
import type { OutboxRow } from '../../src/messaging';
import { PostgresSession, postgresTransactor } from '../../src/postgres';
import { eachStore, eventsIn, freshDatabase, testContext, type TestDatabase } from '../../src/testing';
import { EVENTS_PER_SNAPSHOT, type Scope } from '../../src/unit-of-work';
import { sagaInstance } from '../saga/saga-instance';
import {
  added,
  bothAdapters,
  inMemoryPorts,
  noted,
  postgresPorts,
  sharedSchema,
  Tally,
  type TestPorts,
} from './test-ports';

eachStore(bothAdapters, (transactor) => {
  const total = (id: string): Promise<number> =>
    transactor().execute(testContext(), async ({ tallies }) => (await tallies.load(id)).state.total);

  it('starts an aggregate at version 0 in its initial state', async () => {
    const id = newId();
    const loaded = await transactor().execute(testContext(), ({ tallies }) => tallies.load(id));
    expect(loaded).toEqual({ id, version: 0, state: Tally.initial });
  });

  it('gives the aggregate as it is after what was decided', async () => {
    const id = newId();
    const updated = await transactor().execute(testContext(), ({ tallies }) =>
      tallies.update(id, () => [added(2), noted('two'), added(3)]),
    );
    const tally = { id, version: 3, state: { total: 5, notes: ['two'] } };
    expect(updated).toEqual({ ...tally, events: [added(2), noted('two'), added(3)] });
    expect(await transactor().execute(testContext(), ({ tallies }) => tallies.load(id))).toEqual(tally);
  });

  it('decides on what is still being loaded as soon as it is there', async () => {
    const [id, other] = [newId(), newId()];
    const updated = await transactor().execute(testContext(), async ({ tallies }) => {
      await tallies.update(other, () => [added(7)]);
      const amount = tallies.load(other).then(({ state }) => state.total);
      return tallies.update(
        id,
        (_state, amount: number, note: string) => [added(amount), noted(note)],
        amount,
        'x',
      );
    });
    expect(updated.state).toEqual({ total: 7, notes: ['x'] });
  });

  it('decides nothing when that can not be had', async () => {
    const id = newId();
    const missing = Promise.reject<number>(new Error('not there'));
    const failing = transactor().execute(testContext(), ({ tallies }) =>
      tallies.update(id, (_state, amount: number) => [added(amount)], missing),
    );
    await expect(failing).rejects.toThrow('not there');
    expect(await total(id)).toBe(0);
  });

  it('shows handlers that run side by side each other’s decisions', async () => {
    const id = newId();
    const seen = await transactor().transaction(async ({ work, ports }) => {
      const one = ports(work.scope(testContext())).tallies;
      const other = ports(work.scope(testContext())).tallies;
      return Promise.all(
        [one, other, one].map((tallies) =>
          tallies.update(id, (state) => (state.total < 2 ? [added(1)] : [])),
        ),
      );
    });
    expect(seen.map(({ state }) => state.total)).toEqual([1, 2, 2]);
    expect(await total(id)).toBe(2);
  });

  it('shows handlers of one unit each other’s sagas', async () => {
    const saga = sagaInstance();
    await transactor().transaction(async ({ work }) => {
      expect(await work.saga(saga.sagaId)).toBeUndefined();
      work.saveSaga(saga, []);
      expect(await work.saga(saga.sagaId)).toEqual(saga);
    });
    expect(await transactor().transaction(({ work }) => work.saga(saga.sagaId))).toEqual({
      ...saga,
      version: 1,
    });
  });

  it('writes nothing when the work throws', async () => {
    const id = newId();
    const failing = transactor().execute(testContext(), async ({ tallies, scope }) => {
      await tallies.update(id, () => [added(1)]);
      scope.work.saveSaga(sagaInstance({ sagaId: id }), []);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await total(id)).toBe(0);
    expect(await transactor().transaction(({ work }) => work.saga(id))).toBeUndefined();
    const rows = await transactor().execute(testContext(), (ports) => ports.outboxRows());
    expect(rows.filter(({ partitionKey }) => partitionKey === id)).toEqual([]);
  });

  it('keeps nothing of a decision that throws', async () => {
    const id = newId();
    await transactor().execute(testContext(), async ({ tallies }) => {
      const refused = tallies.update(id, () => {
        throw new Error('refused');
      });
      await expect(refused).rejects.toThrow('refused');
      await tallies.update(id, () => [added(1)]);
    });
    expect(await total(id)).toBe(1);
  });

  it('publishes the events that others may see, with the version after each, and keeps the rest private', async () => {
    const id = newId();
    await transactor().execute(testContext(), ({ tallies }) =>
      tallies.update(id, () => [added(2), noted('private'), added(3)]),
    );
    const rows = await transactor().execute(testContext(), (ports) => ports.outboxRows());
    expect(eventsIn(rows.filter(({ partitionKey }) => partitionKey === id))).toEqual([
      { channel: 'testservice.Tally', name: 'test.Added', id, version: 1, payload: { amount: 2 } },
      { channel: 'testservice.Tally', name: 'test.Added', id, version: 3, payload: { amount: 3 } },
    ]);
  });

  it('writes nothing when there is nothing to decide', async () => {
    const id = newId();
    const updated = await transactor().execute(testContext(), ({ tallies }) => tallies.update(id, () => []));
    expect(updated.version).toBe(0);
    expect((await transactor().execute(testContext(), ({ tallies }) => tallies.load(id))).version).toBe(0);
  });

  describe('coalesces writes', () => {
    it('of one turn into one call, and gives each its own result', async () => {
      const calls: (readonly number[])[] = [];
      const doubled = await transactor().transaction(({ work }) => {
        const double = work.batcher<number, number>('double', async (numbers) => {
          calls.push(numbers);
          return numbers.map((number) => 2 * number);
        });
        return Promise.all([1, 2, 3].map(double));
      });
      expect(doubled).toEqual([2, 4, 6]);
      expect(calls).toEqual([[1, 2, 3]]);
    });

    it('but carries each out, even when the same was asked for before', async () => {
      let sum = 0;
      const sums = await transactor().transaction(async ({ work }) => {
        const add = work.batcher<number, number>('add', async (numbers) =>
          numbers.map((number) => (sum += number)),
        );
        return [...(await Promise.all([add(1), add(1)])), await add(1)];
      });
      expect(sums).toEqual([1, 2, 3]);
    });

    it('of handlers that know nothing of each other', async () => {
      const calls: (readonly string[])[] = [];
      await transactor().transaction(async ({ work }) => {
        const handle = (name: string): Promise<string> =>
          work.batcher<string, string>('echo', async (names) => {
            calls.push(names);
            return names;
          })(name);
        await Promise.all([handle('one'), handle('other')]);
      });
      expect(calls).toEqual([['one', 'other']]);
    });

    it('and fails only the one that has failed', async () => {
      const outcomes = await transactor().transaction(({ work }) => {
        const positive = work.batcher<number, number>('positive', async (numbers) =>
          numbers.map((number) => (number > 0 ? number : new Error('not positive'))),
        );
        return Promise.allSettled([positive(1), positive(-1)]);
      });
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    });
  });

  describe('stages writes of a service’s own', () => {
    const stagedIn = ({ work }: Pick<Scope, 'work'>, written: (readonly string[])[]) =>
      work.stagedWrites<string>('names', async (names) => void written.push(names));

    it('until the work is done, and then writes all by one call', async () => {
      const written: (readonly string[])[] = [];
      await transactor().transaction(async ({ work }) => {
        for (const name of ['one', 'other']) stagedIn({ work }, written).add(name);
        await work.stores.inbox.enter('test-service', [newId()]);
        expect(written).toEqual([]);
      });
      expect(written).toEqual([['one', 'other']]);
    });

    it('unless somebody has to read them before, and writes none twice', async () => {
      const written: (readonly string[])[] = [];
      await transactor().transaction(async ({ work }) => {
        const names = stagedIn({ work }, written);
        names.add('read');
        await names.flush();
        expect(written).toEqual([['read']]);
        names.add('not read');
      });
      expect(written).toEqual([['read'], ['not read']]);
    });

    it('and writes nothing when nothing was staged', async () => {
      const written: (readonly string[])[] = [];
      await transactor().transaction(async ({ work }) => stagedIn({ work }, written).flush());
      expect(written).toEqual([]);
    });

    it('and writes nothing when the work throws', async () => {
      const written: (readonly string[])[] = [];
      const failing = transactor().transaction(async ({ work }) => {
        stagedIn({ work }, written).add('never');
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect(written).toEqual([]);
    });

    it('and commits nothing when one cannot be made', async () => {
      const id = newId();
      const failing = transactor().transaction(async ({ work, ports }) => {
        const writes = work.stagedWrites<string>('broken', async () => {
          throw new Error('cannot be made');
        });
        writes.add('anything');
        await ports(work.scope(testContext())).tallies.update(id, () => [added(1)]);
      });
      await expect(failing).rejects.toThrow('cannot be made');
      expect(await total(id)).toBe(0);
    });
  });

  describe('after the commit', () => {
    it('runs what waited for it, and not before', async () => {
      const id = newId();
      const heard: string[] = [];
      await transactor().transaction(async ({ work, ports }) => {
        work.afterCommit(() => heard.push('committed'));
        await ports(work.scope(testContext())).tallies.update(id, () => [added(1)]);
        expect(heard).toEqual([]);
      });
      expect(heard).toEqual(['committed']);
    });

    it('runs nothing when there was no commit', async () => {
      const heard: string[] = [];
      const failing = transactor().transaction(({ work }) => {
        work.afterCommit(() => heard.push('committed'));
        return Promise.reject(new Error('changed my mind'));
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect(heard).toEqual([]);
    });

    it('runs nothing when the write itself fails', async () => {
      const id = newId();
      const heard: string[] = [];
      const failing = transactor().transaction(async ({ work, ports }) => {
        work.afterCommit(() => heard.push('committed'));
        const { tallies } = ports(work.scope(testContext()));
        await tallies.update(id, () => [added(1)]);
        // The version that the unit is about to write.
        await work.stores.events.append([
          {
            aggregateName: Tally.name,
            aggregateId: id,
            version: 1,
            type: 'test.Added',
            data: {},
            correlationId: '',
            causationId: '',
          },
        ]);
      });
      await expect(failing).rejects.toThrow('changed since');
      expect(heard).toEqual([]);
    });
  });

  describe('snapshots', () => {
    const streamOf = (id: string, snapshotVersion = Tally.snapshotVersion) =>
      transactor().transaction(async ({ work }) =>
        (await work.stores.events.load({ name: Tally.name, snapshotVersion }, [id])).get(id),
      );
    const grow = (id: string, events: number) =>
      transactor().execute(testContext(), ({ tallies }) =>
        tallies.update(id, () => Array.from({ length: events }, () => added(1))),
      );

    it('are not taken of a short stream', async () => {
      const id = newId();
      await grow(id, EVENTS_PER_SNAPSHOT - 1);
      expect((await streamOf(id))?.snapshot).toBeUndefined();
    });

    it('are taken when a stream reaches or passes a multiple of the interval', async () => {
      const id = newId();
      await grow(id, EVENTS_PER_SNAPSHOT);
      expect((await streamOf(id))?.snapshot?.version).toBe(EVENTS_PER_SNAPSHOT);
      await grow(id, EVENTS_PER_SNAPSHOT - 1);
      expect((await streamOf(id))?.snapshot?.version).toBe(EVENTS_PER_SNAPSHOT);
      await grow(id, 3);
      expect((await streamOf(id))?.snapshot?.version).toBe(2 * EVENTS_PER_SNAPSHOT + 2);
    });

    it('load to the same state as a replay of all events', async () => {
      const id = newId();
      for (const size of [30, 30, 30, 30]) await grow(id, size);
      const loaded = await transactor().execute(testContext(), ({ tallies }) => tallies.load(id));
      const all = (await streamOf(id, 99))?.events ?? [];
      expect(all).toHaveLength(120);
      expect((await streamOf(id))?.events.length).toBeLessThan(120);
      expect(loaded.state).toEqual(
        replay(
          Tally,
          all.map(({ data }) => ({ type: 'test.Added', data: data as { amount: number } })),
        ),
      );
      expect(loaded).toMatchObject({ version: 120, state: { total: 120 } });
    });
  });
});

describe('a unit of work on PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
  });
  afterAll(() => database.drop());
  afterEach(() => jest.restoreAllMocks());

  /** Runs work in one scope a tally, side by side. @returns the names of the statements that were sent */
  async function statementsOf(
    ids: readonly string[],
    work: (ports: TestPorts, id: string) => Promise<unknown>,
  ): Promise<string[]> {
    const sent = jest.spyOn(PostgresSession.prototype, 'query');
    await postgresTransactor(database.pool, 'test-service', postgresPorts).transaction(
      async (transaction) => {
        const handle = (id: string) => work(transaction.ports(transaction.work.scope(testContext())), id);
        await Promise.all(ids.map(handle));
      },
    );
    return sent.mock.calls.map(([{ name }]) => name);
  }

  it('loads many aggregates by one statement and writes each kind of row by one', async () => {
    const ids = Array.from({ length: 100 }, () => newId());
    const statements = await statementsOf(ids, ({ tallies }, id) =>
      tallies.update(id, () => [added(1), noted('x')]),
    );
    expect(statements).toEqual(['event-store-load', 'event-store-append', 'outbox-add']);
    const { rows } = await database.pool.query<{ count: string }>('SELECT count(*) FROM events');
    expect(rows[0]?.count).toBe('200');
  });

  it('asks for an aggregate once, however often it is loaded', async () => {
    const id = newId();
    const statements = await statementsOf([id, id, id], async ({ tallies }) => {
      await tallies.load(id);
      await tallies.load(id);
    });
    expect(statements).toEqual(['event-store-load']);
  });

  it('locks many sagas by one statement', async () => {
    const statements = await statementsOf([newId(), newId()], ({ scope }, id) => scope.work.saga(id));
    expect(statements).toEqual(['sagas-lock']);
  });
});

describe('a message in the outbox', () => {
  const request = {
    correlationId: 'the-first-request',
    causationId: 'the-cause',
    traceparent: '00-aa-bb-01',
  };
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

  async function sent(work: (ports: TestPorts) => Promise<unknown>, context = request): Promise<OutboxRow> {
    const database = new InMemoryDatabase();
    await inMemoryTransactor(database, 'order-service', inMemoryPorts).execute(context, work);
    const [row, ...more] = database.rows<OutboxRow>(tables.outbox);
    if (row === undefined || more.length > 0) throw new Error('expected one row');
    return row;
  }
  const common = (row: OutboxRow) => ({
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': row.id,
    'ce-source': '/ftgo/order-service',
    'ce-time': time,
    'ce-correlationid': 'the-first-request',
    'ce-causationid': 'the-cause',
    traceparent: '00-aa-bb-01',
  });
  const publish = (scope: Scope, kind: 'command' | 'reply', attributes: Record<string, string>): void =>
    scope.publish({
      id: newId(),
      channel: 'kitchenservice',
      name: 'kitchenapi.CreateTicket',
      kind,
      partitionKey: 'the-saga',
      attributes,
      payload: { n: 1 },
    });

  it('that is an event has exactly the headers of an event', async () => {
    const id = newId();
    const row = await sent(({ tallies }) => tallies.update(id, () => [noted('private'), added(7)]));
    expect(row.headers).toEqual({
      ...common(row),
      'ce-type': 'test.Added',
      'ce-messagekind': 'event',
      'ce-subject': id,
      'ce-sequence': '2',
      'ce-partitionkey': id,
    });
    expect(row).toMatchObject({ channel: 'testservice.Tally', partitionKey: id, payload: '{"amount":7}' });
    expect(row.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('that is a command has exactly the headers of a saga’s command', async () => {
    const attributes = { sagaid: 'the-saga', saganame: 'test.Saga', replyto: 'test.Saga.reply' };
    const row = await sent(async ({ scope }) => publish(scope, 'command', attributes));
    expect(row.headers).toEqual({
      ...common(row),
      'ce-type': 'kitchenapi.CreateTicket',
      'ce-messagekind': 'command',
      'ce-partitionkey': 'the-saga',
      'ce-sagaid': 'the-saga',
      'ce-saganame': 'test.Saga',
      'ce-replyto': 'test.Saga.reply',
    });
    expect(row).toMatchObject({ channel: 'kitchenservice', partitionKey: 'the-saga', payload: '{"n":1}' });
  });

  it('has no trace header where the request had none', async () => {
    const { headers } = await sent(({ tallies }) => tallies.update(newId(), () => [added(1)]), {
      ...request,
      traceparent: undefined,
    } as unknown as typeof request);
    expect(headers).not.toHaveProperty('traceparent');
  });
});
