import { ConcurrencyConflict, type AggregateRepository } from '../../src/event-sourcing';
import { newId } from '../../src/ids';
import { InMemoryDatabase, inMemoryTransactor } from '../../src/in-memory';
import { testContext } from '../../src/testing';
import type { Transactor } from '../../src/unit-of-work';
import { added, inMemoryPorts, noted, type TallyEvent, type TallyState, type TestPorts } from './test-ports';

type Tallies = AggregateRepository<TallyState, TallyEvent>;

/** Two replicas of a service, each with a memory of its own. */
const database = new InMemoryDatabase();
const [here, elsewhere] = [0, 1].map(() => inMemoryTransactor(database, 'test-service', inMemoryPorts)) as [
  Transactor<TestPorts>,
  Transactor<TestPorts>,
];

const request = <T>(replica: Transactor<TestPorts>, work: (tallies: Tallies) => Promise<T>): Promise<T> =>
  replica.execute(testContext(), ({ tallies }) => work(tallies));

/** Does something and tells what the database was asked for. */
const observed = <T>(
  work: (tallies: Tallies) => Promise<T>,
): Promise<{ result: T; asked: readonly (readonly string[])[] }> =>
  here.transaction(async ({ work: unit, ports }) => {
    const load = jest.spyOn(unit.stores.events, 'load');
    const result = await work(ports(unit.scope(testContext())).tallies);
    return { result, asked: load.mock.calls.map(([, ids]) => ids) };
  });

const begun = async (): Promise<string> => {
  const id = newId();
  await request(here, (tallies) => tallies.update(id, () => [added(1)]));
  return id;
};

const add =
  (id: string, amount = 1) =>
  (tallies: Tallies) =>
    tallies.update(id, () => [added(amount)]);

const storedTotal = async (id: string): Promise<number> =>
  (await request(elsewhere, (tallies) => tallies.load(id))).state.total;

describe('an aggregate that began in this process', () => {
  it('is remembered when it is changed for the first time', async () => {
    const id = await begun();
    const { result, asked } = await observed(add(id, 2));
    expect(asked).toEqual([]);
    expect(result).toMatchObject({ version: 2, state: { total: 3 } });
    expect(await storedTotal(id)).toBe(3);
  });

  it('is remembered for those who change it side by side', async () => {
    const id = await begun();
    const { result, asked } = await observed((tallies) => Promise.all([add(id)(tallies), add(id)(tallies)]));
    expect(asked).toEqual([]);
    expect(result.map(({ version }) => version)).toEqual([2, 3]);
  });

  it('is read when it was changed before', async () => {
    const id = await begun();
    await observed(add(id));
    expect((await observed(add(id))).asked).toEqual([[id]]);
    const changedByRequest = await begun();
    await request(here, add(changedByRequest));
    expect((await observed(add(changedByRequest))).asked).toEqual([[changedByRequest]]);
  });

  it('is not remembered when it began in vain', async () => {
    const id = newId();
    const failing = request(here, async (tallies) => {
      await add(id)(tallies);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect((await observed(add(id))).asked).toEqual([[id]]);
  });
});

describe('an aggregate that another process has changed meanwhile', () => {
  const changedElsewhere = async (): Promise<string> => {
    const id = await begun();
    await request(elsewhere, (tallies) => tallies.update(id, () => [noted('elsewhere')]));
    return id;
  };

  it('is changed by nobody who remembers it as it was', async () => {
    const id = await changedElsewhere();
    await expect(observed(add(id))).rejects.toThrow(ConcurrencyConflict);
    expect(await storedTotal(id)).toBe(1);
    const { asked, result } = await observed(add(id));
    expect(asked).toEqual([[id]]);
    expect(result.version).toBe(3);
  });

  it('is read for one who only looks at it while another is about to change it', async () => {
    const id = await changedElsewhere();
    const { result, asked } = await observed(async (tallies) => {
      let proceed: () => void = () => undefined;
      const awaited = new Promise<void>((resolve) => (proceed = resolve));
      const updating = tallies.update(id, (_state, _awaited: void) => [added(1)], awaited);
      const loaded = await tallies.load(id);
      proceed();
      return [loaded, await updating].map(({ version }) => version);
    });
    expect(asked).toEqual([[id]]);
    expect(result).toEqual([2, 3]);
  });

  it('is decided on as it is stored, where nothing is to be done to it as it was remembered', async () => {
    const id = await changedElsewhere();
    const { result } = await observed((tallies) =>
      tallies.update(id, ({ notes }) => (notes.includes('elsewhere') ? [noted('seen')] : [])),
    );
    expect(result).toMatchObject({ version: 3, state: { notes: ['elsewhere', 'seen'] } });
  });

  it('is decided on as it is stored, where it refuses as it was remembered', async () => {
    const id = await changedElsewhere();
    const { result } = await observed((tallies) =>
      tallies.update(id, ({ notes }) => {
        if (notes.length === 0) throw new Error('nobody has noted anything');
        return [noted('seen')];
      }),
    );
    expect(result.state.notes).toEqual(['elsewhere', 'seen']);
  });
});

it('a refusal that is true comes through', async () => {
  const id = await begun();
  const refused = observed((tallies) =>
    tallies.update(id, () => {
      throw new Error('never');
    }),
  );
  await expect(refused).rejects.toThrow('never');
});
