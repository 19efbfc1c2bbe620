import { conflict } from '../../src/domain';
import { ConcurrencyConflict } from '../../src/event-sourcing';
import { newId } from '../../src/ids';
import { InMemoryDatabase, inMemoryTransactor } from '../../src/in-memory';
import { postgresTransactor } from '../../src/postgres';
import { freshDatabase, testContext, type TestDatabase } from '../../src/testing';
import { added, inMemoryPorts, noted, postgresPorts, sharedSchema } from './test-ports';

describe('a request that somebody else was faster than', () => {
  const transactor = () => inMemoryTransactor(new InMemoryDatabase(), 'test-service', inMemoryPorts);

  it('is decided again', async () => {
    let tries = 0;
    const answer = await transactor().execute(testContext(), async () => {
      tries += 1;
      if (tries < 4) throw new ConcurrencyConflict('too slow');
      return 'done';
    });
    expect({ answer, tries }).toEqual({ answer: 'done', tries: 4 });
  });

  it('fails in the end when it is never fast enough', async () => {
    let tries = 0;
    const failing = transactor().execute(testContext(), () => {
      tries += 1;
      return Promise.reject(new ConcurrencyConflict('too slow'));
    });
    await expect(failing).rejects.toThrow(ConcurrencyConflict);
    expect(tries).toBe(10);
  });

  it('is not decided again when it was rejected, or when something is broken', async () => {
    for (const error of [conflict('NOT_NOW', 'Not now.'), new Error('broken')]) {
      let tries = 0;
      const failing = transactor().execute(testContext(), () => {
        tries += 1;
        return Promise.reject(error);
      });
      await expect(failing).rejects.toBe(error);
      expect(tries).toBe(1);
    }
  });
});

describe('simultaneous requests on PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
  });
  afterAll(() => database.drop());
  const transactor = () => postgresTransactor(database.pool, 'test-service', postgresPorts);

  it('all have their effect on one aggregate, each on top of the others', async () => {
    const id = newId();
    const add = () =>
      transactor().execute(testContext(), ({ tallies }) => tallies.update(id, () => [added(1)]));
    const results = await Promise.all(Array.from({ length: 8 }, add));
    expect(results.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const { state } = await transactor().execute(testContext(), ({ tallies }) => tallies.load(id));
    expect(state.total).toBe(8);
  });

  it('are decided on what the faster one has left', async () => {
    const id = newId();
    const onlyOnce = () =>
      transactor().execute(testContext(), ({ tallies }) =>
        tallies.update(id, ({ total }) => {
          if (total > 0) throw conflict('TAKEN', 'Somebody has it already.');
          return [added(1)];
        }),
      );
    const results = await Promise.allSettled(Array.from({ length: 8 }, onlyOnce));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'TAKEN' });
  });

  it('that deadlock are told apart from faults, and decided again', async () => {
    const [one, two] = [newId(), newId()];
    // Each holds one event key and then asks for the other's: PostgreSQL ends one of them.
    let holding = 0;
    let open = (): void => undefined;
    const bothHold = new Promise<void>((resolve) => (open = resolve));
    const cross = (first: string, second: string) =>
      transactor().execute(testContext(), async ({ scope }) => {
        const write = (aggregateId: string) =>
          scope.work.stores.events
            .load({ name: 'testservice.Tally', snapshotVersion: 1 }, [aggregateId])
            .then((streams) =>
              scope.work.stores.events.append([
                {
                  aggregateName: 'testservice.Tally',
                  aggregateId,
                  version: (streams.get(aggregateId)?.events.length ?? 0) + 1,
                  ...noted('crossed'),
                  correlationId: '',
                  causationId: '',
                },
              ]),
            );
        await write(first);
        holding += 1;
        if (holding >= 2) open();
        await bothHold;
        await write(second);
      });
    await Promise.all([cross(one, two), cross(two, one)]);
    const { rows } = await database.pool.query<{ count: string }>(
      'SELECT count(*) FROM events WHERE aggregate_id = ANY($1::uuid[])',
      [[one, two]],
    );
    expect(rows[0]?.count).toBe('4');
  });
});
