import { ConcurrencyConflict, type EventStream, type NewEvent } from '../../src/event-sourcing';
import { newId } from '../../src/ids';
import { postgresTransactor } from '../../src/postgres';
import { eachStore, freshDatabase, type TestDatabase } from '../../src/testing';
import type { Stores } from '../../src/unit-of-work';
import { bothAdapters, postgresPorts, sharedSchema } from '../unit-of-work/test-ports';

const tally = { name: 'testservice.Tally', snapshotVersion: 1 };

const event = (aggregateId: string, version: number, overrides: Partial<NewEvent> = {}): NewEvent => ({
  aggregateName: tally.name,
  aggregateId,
  version,
  type: 'test.Added',
  data: { amount: version },
  correlationId: 'correlation',
  causationId: 'causation',
  ...overrides,
});

const versionsIn = (stream: EventStream | undefined): number[] | undefined =>
  stream?.events.map(({ version }) => version);

eachStore(bothAdapters, (transactor) => {
  const within = <T>(work: (stores: Stores) => Promise<T>): Promise<T> =>
    transactor().transaction(({ work: { stores } }) => work(stores));
  const append = (...events: NewEvent[]): Promise<void> =>
    within(({ events: store }) => store.append(events));
  const load = (ids: readonly string[], aggregate = tally): Promise<ReadonlyMap<string, EventStream>> =>
    within(({ events }) => events.load(aggregate, ids));

  it('gives an aggregate its events back, in the order of their versions', async () => {
    const id = newId();
    await append(event(id, 1), event(id, 2, { type: 'test.Noted', data: { note: 'größe "\\" 🍕' } }));
    await append(event(id, 3));
    const stream = (await load([id])).get(id);
    expect(stream?.snapshot).toBeUndefined();
    expect(stream?.events.map(({ version, type, data }) => ({ version, type, data }))).toEqual([
      { version: 1, type: 'test.Added', data: { amount: 1 } },
      { version: 2, type: 'test.Noted', data: { note: 'größe "\\" 🍕' } },
      { version: 3, type: 'test.Added', data: { amount: 3 } },
    ]);
  });

  it('loads many aggregates at once, each with its own events', async () => {
    const [one, two, three] = [newId(), newId(), newId()];
    await append(event(one, 1), event(two, 1), event(two, 2), event(three, 1));
    const streams = await load([two, one]);
    expect([...streams.keys()].sort()).toEqual([one, two].sort());
    expect(versionsIn(streams.get(one))).toEqual([1]);
    expect(versionsIn(streams.get(two))).toEqual([1, 2]);
  });

  it('has no entry for an aggregate without events', async () => {
    expect((await load([newId(), newId()])).size).toBe(0);
  });

  it('keeps aggregates of different types apart that have the same id', async () => {
    const id = newId();
    await append(event(id, 1), event(id, 1, { aggregateName: 'testservice.Other', data: { other: true } }));
    const stream = (await load([id], { name: 'testservice.Other', snapshotVersion: 1 })).get(id);
    expect(stream?.events.map(({ data }) => data)).toEqual([{ other: true }]);
  });

  it('shows a transaction its own events before the commit', async () => {
    const id = newId();
    const seen = await within(async ({ events }) => {
      await events.append([event(id, 1)]);
      return events.load(tally, [id]);
    });
    expect(versionsIn(seen.get(id))).toEqual([1]);
  });

  it('refuses a version that is taken, and keeps what was there', async () => {
    const id = newId();
    await append(event(id, 1));
    await expect(append(event(id, 1, { data: { amount: 99 } }))).rejects.toThrow(ConcurrencyConflict);
    expect((await load([id])).get(id)?.events).toMatchObject([{ version: 1, data: { amount: 1 } }]);
  });

  it('keeps none of the events of an append in which one version is taken', async () => {
    const [taken, other] = [newId(), newId()];
    await append(event(taken, 1));
    await expect(append(event(other, 1), event(taken, 1))).rejects.toThrow(ConcurrencyConflict);
    expect((await load([other])).size).toBe(0);
  });

  it('leaves nothing of a transaction that throws', async () => {
    const id = newId();
    await expect(
      within(async ({ events }) => {
        await events.append([event(id, 1)]);
        await events.saveSnapshots([
          { aggregateName: tally.name, aggregateId: id, version: 1, snapshotVersion: 1, state: {} },
        ]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect((await load([id])).size).toBe(0);
    // A version is free again.
    await append(event(id, 1));
    const stream = (await load([id])).get(id);
    expect(stream?.snapshot).toBeUndefined();
    expect(versionsIn(stream)).toEqual([1]);
  });

  describe('with a snapshot', () => {
    const snapshot = (aggregateId: string, version: number, snapshotVersion = 1): Promise<void> =>
      within(({ events }) =>
        events.saveSnapshots([
          { aggregateName: tally.name, aggregateId, version, snapshotVersion, state: { total: version } },
        ]),
      );

    it('gives the snapshot and only the events after it', async () => {
      const [id, without] = [newId(), newId()];
      await append(event(id, 1), event(id, 2), event(id, 3), event(without, 1));
      await snapshot(id, 2);
      const streams = await load([id, without]);
      expect(streams.get(id)?.snapshot).toMatchObject({ version: 2, state: { total: 2 } });
      expect(versionsIn(streams.get(id))).toEqual([3]);
      expect(streams.get(without)?.snapshot).toBeUndefined();
      expect(versionsIn(streams.get(without))).toEqual([1]);
    });

    it('gives a snapshot that no event came after', async () => {
      const id = newId();
      await append(event(id, 1));
      await snapshot(id, 1);
      const stream = (await load([id])).get(id);
      expect(stream?.snapshot).toMatchObject({ version: 1 });
      expect(stream?.events).toEqual([]);
    });

    it('ignores one of another snapshot version and gives all events', async () => {
      const id = newId();
      await append(event(id, 1), event(id, 2));
      await snapshot(id, 2);
      const stream = (await load([id], { ...tally, snapshotVersion: 2 })).get(id);
      expect(stream?.snapshot).toBeUndefined();
      expect(versionsIn(stream)).toEqual([1, 2]);
    });

    it('replaces an older one', async () => {
      const id = newId();
      await append(event(id, 1), event(id, 2), event(id, 3));
      await snapshot(id, 1);
      await snapshot(id, 2);
      expect((await load([id])).get(id)?.snapshot).toMatchObject({ version: 2, state: { total: 2 } });
    });
  });
});

describe('two transactions on PostgreSQL that append the same version at the same time', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
  });
  afterAll(() => database.drop());

  it('end with exactly one that wins and one ConcurrencyConflict', async () => {
    const transactor = postgresTransactor(database.pool, 'test-service', postgresPorts);
    const id = newId();
    // Both have seen that version 1 is free before either writes.
    let arrived = 0;
    let open = (): void => undefined;
    const bothAreHere = new Promise<void>((resolve) => (open = resolve));
    const contend = (amount: number): Promise<void> =>
      transactor.transaction(async ({ work: { stores } }) => {
        expect((await stores.events.load(tally, [id])).size).toBe(0);
        arrived += 1;
        if (arrived === 2) open();
        await bothAreHere;
        await stores.events.append([event(id, 1, { data: { amount } })]);
      });
    const results = await Promise.allSettled([contend(1), contend(2)]);
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost.map(({ reason }) => reason as unknown)).toEqual([expect.any(ConcurrencyConflict)]);
    const { rows } = await database.pool.query<{ data: unknown }>(
      'SELECT data FROM events WHERE aggregate_id = $1',
      [id],
    );
    expect(rows).toEqual([{ data: { amount: results[0]?.status === 'fulfilled' ? 1 : 2 } }]);
  });
});
