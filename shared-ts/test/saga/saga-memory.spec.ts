import { newId } from '../../src/ids';
import { InMemoryDatabase, inMemoryTransactor } from '../../src/in-memory';
import { SagaMemory, type SagaInstance } from '../../src/saga';
import { testContext } from '../../src/testing';
import { sagaInstance } from './saga-instance';
import { inMemoryPorts } from '../unit-of-work/test-ports';

const waiting = (overrides: Partial<SagaInstance> = {}) => ({
  ...sagaInstance(overrides),
  pendingCommandId: newId(),
});

describe('what a process remembers of its sagas', () => {
  const memory = new SagaMemory();

  it('is what was saved, at the version that it has now', () => {
    const saga = waiting({ version: 4 });
    memory.keep(saga);
    expect(memory.take(saga.sagaId)).toEqual({ ...saga, version: 5 });
  });

  it('is given away', () => {
    const saga = waiting();
    memory.keep(saga);
    memory.take(saga.sagaId);
    expect(memory.take(saga.sagaId)).toBeUndefined();
  });

  it('is forgotten when the saga does not await a reply any more', () => {
    const saga = waiting();
    memory.keep(saga);
    memory.keep({ ...saga, state: 'COMPLETED', pendingCommandId: undefined });
    expect(memory.take(saga.sagaId)).toBeUndefined();
  });

  it('is no more than a thousand sagas, those that were saved last', () => {
    const sagas = Array.from({ length: 1_001 }, () => waiting());
    for (const saga of sagas) memory.keep(saga);
    // Saved again, the second is not the oldest any more.
    for (const saga of [...sagas.slice(1, 2), waiting()]) memory.keep(saga);
    const forgotten = sagas.filter(({ sagaId }) => memory.take(sagaId) === undefined);
    expect(forgotten.map((saga) => sagas.indexOf(saga))).toEqual([0, 2]);
  });
});

describe('a unit of work that is asked for the saga of a reply', () => {
  const database = new InMemoryDatabase();
  const transactor = inMemoryTransactor(database, 'test-service', inMemoryPorts);
  /** Where the saga was read that awaits the reply to a command. */
  const readFrom = (sagaId: string, commandId: string, failing = false) =>
    transactor.transaction(async ({ work }) => {
      const lock = jest.spyOn(work.stores.sagas, 'lock');
      const saga = await work.sagaAwaiting(sagaId, commandId);
      if (failing) throw new Error('changed my mind');
      if (saga !== undefined) work.saveSaga(saga, []);
      return lock.mock.calls.length > 0 ? 'database' : 'memory';
    });
  const saved = async () => {
    const saga = waiting();
    await transactor.execute(testContext(), async ({ scope }) => scope.work.saveSaga(saga, []));
    return saga;
  };

  it('remembers it, again and again', async () => {
    const { sagaId, pendingCommandId } = await saved();
    expect(await readFrom(sagaId, pendingCommandId)).toBe('memory');
    expect(await readFrom(sagaId, pendingCommandId)).toBe('memory');
  });

  it('asks the database when what it remembers awaits another reply', async () => {
    const { sagaId } = await saved();
    expect(await readFrom(sagaId, newId())).toBe('database');
  });

  it('asks the database once a transaction has failed', async () => {
    const { sagaId, pendingCommandId } = await saved();
    await expect(readFrom(sagaId, pendingCommandId, true)).rejects.toThrow('changed my mind');
    expect(await readFrom(sagaId, pendingCommandId)).toBe('database');
    expect(await readFrom(sagaId, pendingCommandId)).toBe('memory');
  });
});
