import { unprocessable } from '../../src/domain';
import { newId } from '../../src/ids';
import { InMemoryDatabase, inMemoryTransactor } from '../../src/in-memory';
import { testContext } from '../../src/testing';
import { GroupingTransactor, type Transactor } from '../../src/unit-of-work';
import { added, inMemoryPorts, noted, type TestPorts } from './test-ports';

class ConnectionLost extends Error {}

describe('requests that come in together', () => {
  let store: Transactor<TestPorts>;
  let transactions: number;
  let beforeCommit: () => void;
  let transactor: Transactor<TestPorts>;
  beforeEach(() => {
    store = inMemoryTransactor(new InMemoryDatabase(), 'test-service', inMemoryPorts);
    transactions = 0;
    beforeCommit = () => undefined;
    const counting: Transactor<TestPorts> = {
      transaction: (work) => {
        transactions += 1;
        return store.transaction(async (transaction) => {
          const result = await work(transaction);
          beforeCommit();
          return result;
        });
      },
      execute: (context, work, options) => {
        transactions += 1;
        return store.execute(context, work, options);
      },
    };
    transactor = new GroupingTransactor(counting, (error) => error instanceof ConnectionLost);
  });

  const add = (id: string, amount: number) =>
    transactor.execute(testContext(), async ({ tallies }) => {
      const { state } = await tallies.update(id, () => [added(amount)]);
      return state.total;
    });
  const totalOf = (id: string) =>
    store.execute(testContext(), async ({ tallies }) => (await tallies.load(id)).state.total);

  it('are one transaction, and each gets its own answer', async () => {
    const ids = [newId(), newId(), newId()];
    await expect(Promise.all(ids.map((id, index) => add(id, index)))).resolves.toEqual([0, 1, 2]);
    expect(transactions).toBe(1);
  });

  it('see what the others of their group have decided about the same aggregate', async () => {
    const id = newId();
    await expect(Promise.all([add(id, 1), add(id, 2), add(id, 4)])).resolves.toEqual([1, 3, 7]);
    await expect(totalOf(id)).resolves.toBe(7);
  });

  it.each<[string, Error]>([
    ['is rejected', unprocessable('TOO_MUCH', 'That is too much.')],
    ['fails', new Error('broken')],
  ])('do no harm to each other when one %s after it has written', async (_what, error) => {
    const [one, bad, other] = [newId(), newId(), newId()];
    const outcomes = await Promise.allSettled([
      add(one, 1),
      transactor.execute(testContext(), async ({ tallies }) => {
        await tallies.update(bad, () => [noted('half done')]);
        throw error;
      }),
      add(other, 2),
    ]);
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: error },
      { status: 'fulfilled', value: 2 },
    ]);
    expect(await Promise.all([one, bad, other].map(totalOf))).toEqual([1, 0, 2]);
  });

  it('are not run again when nobody knows whether they were committed', async () => {
    const lost = new ConnectionLost();
    beforeCommit = () => {
      throw lost;
    };
    const outcomes = await Promise.allSettled([add(newId(), 1), add(newId(), 2)]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual([lost, lost]);
    expect(transactions).toBe(1);
  });

  it('run alone when they have an Idempotency-Key', async () => {
    const idempotency = () => ({ scope: 'test', key: newId(), fingerprint: 'f' });
    await Promise.all(
      [1, 2].map((amount) =>
        transactor.execute(
          testContext(),
          ({ tallies }) => tallies.update(newId(), () => [added(amount)]).then(() => amount),
          { idempotency: idempotency() },
        ),
      ),
    );
    expect(transactions).toBe(2);
  });

  it('go on in a group of their own while others are under way', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const slow = transactor.execute(testContext(), () => held);
    await new Promise(setImmediate);
    const id = newId();
    // The in-memory store runs one transaction at a time: the second group waits there, not in front of the first.
    const second = add(id, 1);
    await new Promise(setImmediate);
    expect(transactions).toBe(2);
    release();
    await Promise.all([slow, second]);
    await expect(totalOf(id)).resolves.toBe(1);
  });
});
