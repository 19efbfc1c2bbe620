import { InMemoryDatabase } from '../../src/in-memory';

describe('the database in memory', () => {
  it('shows a transaction its own writes, and others nothing before it ends', async () => {
    const database = new InMemoryDatabase();
    await database.transaction(async (session) => {
      session.put('things', 'a', 1);
      expect(session.get('things', 'a')).toBe(1);
      expect(session.all('things')).toEqual([1]);
      expect(database.rows('things')).toEqual([]);
    });
    expect(database.rows('things')).toEqual([1]);
  });

  it('keeps nothing of a transaction that throws, and goes on', async () => {
    const database = new InMemoryDatabase();
    const failing = database.transaction((session) => {
      session.put('things', 'a', 1);
      return Promise.reject(new Error('changed my mind'));
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await database.transaction(async (session) => session.get('things', 'a'))).toBeUndefined();
  });

  it('runs one transaction at a time, in the order in which they were asked for', async () => {
    const database = new InMemoryDatabase();
    const seen: string[] = [];
    const slow = (name: string) =>
      database.transaction(async () => {
        seen.push(`${name} begins`);
        await new Promise(setImmediate);
        seen.push(`${name} ends`);
      });
    await Promise.all([slow('one'), slow('two')]);
    expect(seen).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });

  it('lists a table in the order in which its rows were first written', async () => {
    const database = new InMemoryDatabase();
    await database.transaction(async (session) => {
      session.put('things', 'b', 1);
      session.put('things', 'a', 2);
    });
    const listed = await database.transaction(async (session) => {
      session.put('things', 'b', 3);
      session.put('things', 'c', 4);
      return session.all('things');
    });
    expect(listed).toEqual([3, 2, 4]);
    expect(database.rows('things')).toEqual([3, 2, 4]);
  });

  it('forgets a row that is overwritten with nothing', async () => {
    const database = new InMemoryDatabase();
    await database.transaction(async (session) => session.put('things', 'a', 1));
    await database.transaction(async (session) => {
      session.put('things', 'a', undefined);
      expect(session.all('things')).toEqual([]);
    });
    expect(database.rows('things')).toEqual([]);
  });
});
