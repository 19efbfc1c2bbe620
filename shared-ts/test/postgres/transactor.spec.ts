import { Pool } from 'pg';
import { newId } from '../../src/ids';
import { isUnavailable, postgresTransactor } from '../../src/postgres';
import { freshDatabase, testContext, type TestDatabase } from '../../src/testing';
import { added, postgresPorts, sharedSchema } from '../unit-of-work/test-ports';

describe('a transaction on PostgreSQL', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
    pool = new Pool({ connectionString: database.url, max: 1, pipeline: true });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  // One connection: a transaction that leaves it in a bad state is felt by the next.
  const transactor = () => postgresTransactor(pool, 'test-service', postgresPorts);

  const endConnections = () =>
    database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
      [database.name],
    );

  it('reports a connection that was lost under it as an absence, and the next one gets another connection', async () => {
    const id = newId();
    const failing = transactor().execute(testContext(), async ({ tallies }) => {
      await tallies.update(id, () => [added(1)]);
      await endConnections();
    });
    const error = await failing.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(isUnavailable(error)).toBe(true);
    const { version } = await transactor().execute(testContext(), ({ tallies }) => tallies.load(id));
    expect(version).toBe(0);
  });

  it('reports one that was lost while nothing was asked of it', async () => {
    await transactor().execute(testContext(), ({ tallies }) => tallies.load(newId()));
    await endConnections();
    await expect(
      transactor()
        .execute(testContext(), ({ tallies }) => tallies.load(newId()))
        .catch((error: unknown) => {
          if (!isUnavailable(error)) throw error;
          return transactor().execute(testContext(), ({ tallies }) => tallies.load(newId()));
        }),
    ).resolves.toMatchObject({ version: 0 });
  });

  it('gives the connection back after a failure, usable', async () => {
    for (let round = 0; round < 3; round++) {
      const failing = transactor().transaction(({ work }) => work.stores.sagas.lock(['not a UUID']));
      await expect(failing).rejects.toMatchObject({ code: '22P02' });
    }
    await expect(
      transactor().execute(testContext(), ({ tallies }) => tallies.load(newId())),
    ).resolves.toBeDefined();
  });

  it('fails when a statement failed whose error was swallowed: nothing was committed', async () => {
    const id = newId();
    const heard: string[] = [];
    const failing = transactor().transaction(async ({ work }) => {
      work.afterCommit(() => heard.push('committed'));
      await work.stores.inbox.enter('test-service', [id]);
      await work.stores.sagas.lock(['not a UUID']).catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('nothing was committed');
    expect(heard).toEqual([]);
    const entered = await transactor().transaction(({ work }) =>
      work.stores.inbox.enter('test-service', [id]),
    );
    expect(entered).toEqual(new Set([id]));
  });
});

describe('statements that handlers send side by side', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
  });
  afterAll(() => database.drop());
  const transactor = () => postgresTransactor(database.pool, 'test-service', postgresPorts);

  it('get each its own answer', async () => {
    const ids = Array.from({ length: 50 }, () => newId());
    const answers = await transactor().transaction(({ work }) =>
      Promise.all(ids.map((id) => work.stores.inbox.enter('test-service', [id]))),
    );
    expect(answers).toEqual(ids.map((id) => new Set([id])));
  });

  it('fail together, without ending the connection, when one of them fails', async () => {
    const id = newId();
    const failing = transactor().transaction(async ({ work: { stores } }) => {
      const answers = await Promise.allSettled([
        stores.inbox.enter('test-service', [id]),
        stores.sagas.lock(['not a UUID']),
        stores.inbox.enter('test-service', [newId()]),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    });
    await expect(failing).rejects.toThrow('nothing was committed');
    const again = await transactor().transaction(({ work }) => work.stores.inbox.enter('test-service', [id]));
    expect(again).toEqual(new Set([id]));
  });
});
