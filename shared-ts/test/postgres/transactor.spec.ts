import { Pool } from 'pg';
import { newId } from '../../src/ids';
import { isUnavailable, postgresTransactor } from '../../src/postgres';
import { StatementBatch } from '../../src/postgres/statement-batch';
import type { SagaInstance } from '../../src/saga';
import { freshDatabase, testContext, type TestDatabase } from '../../src/testing';
import { sagaInstance } from '../saga/saga-instance';
import { added, postgresPorts, sharedSchema } from '../unit-of-work/test-ports';

describe('a transaction on PostgreSQL', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
    pool = new Pool({ connectionString: database.url, max: 1 });
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
      const failing = transactor().transaction(({ work }) => work.stores.sagas.find('not a UUID'));
      await expect(failing).rejects.toMatchObject({ code: '22P02' });
    }
    await expect(
      transactor().execute(testContext(), ({ tallies }) => tallies.load(newId())),
    ).resolves.toBeDefined();
  });

  it('sends nothing any more of what was asked for when it was rolled back', async () => {
    const failing = transactor().execute(testContext(), ({ tallies }) =>
      tallies.update(
        newId(),
        (_state, amount: number) => [added(amount)],
        Promise.reject(new Error('no amount')),
      ),
    );
    await expect(failing).rejects.toThrow('no amount');
    const id = newId();
    await pool.query(`INSERT INTO inbox (consumer, message_id) VALUES ('test-service', $1)`, [id]);
    const { rows } = await database.pool.query('SELECT FROM inbox WHERE message_id = $1', [id]);
    expect(rows).toHaveLength(1);
  });

  it('fails when a statement failed whose error was swallowed: nothing was committed', async () => {
    const id = newId();
    const heard: string[] = [];
    const failing = transactor().transaction(async ({ work }) => {
      work.afterCommit(() => heard.push('committed'));
      await work.stores.inbox.enter('test-service', [id]);
      await work.stores.sagas.find('not a UUID').catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('not a UUID');
    expect(heard).toEqual([]);
    // The same prepared statement, on the same connection.
    await expect(
      transactor().transaction(({ work }) => work.stores.sagas.find(newId())),
    ).resolves.toBeUndefined();
    const entered = await transactor().transaction(({ work }) =>
      work.stores.inbox.enter('test-service', [id]),
    );
    expect(entered).toEqual(new Set([id]));
  });

  it.each<[string, string, Partial<SagaInstance>]>([
    ['cannot be made', 'BigInt', { data: { amount: 1n } }],
    ['is refused by the server', 'invalid byte sequence', { failure: 'a\0b' }],
  ])('commits nothing when one of the last writes %s', async (_what, message, overrides) => {
    const id = newId();
    const failing = transactor().transaction(async ({ work }) => {
      await work.stores.inbox.enter('test-service', [id]);
      work.saveSaga(sagaInstance(overrides), []);
      work.publishAgain({ id: newId(), channel: 'a', partitionKey: id, headers: {}, payload: '{}' });
    });
    await expect(failing).rejects.toThrow(message);
    const [inbox, outbox] = await Promise.all([
      pool.query('SELECT FROM inbox WHERE message_id = $1', [id]),
      pool.query('SELECT FROM outbox WHERE partition_key = $1', [id]),
    ]);
    expect([inbox.rowCount, outbox.rowCount]).toEqual([0, 0]);
  });

  it('commits nothing when a value of an earlier statement could not be sent', async () => {
    const id = newId();
    const failing = transactor().transaction(async ({ work }) => {
      await work.stores.inbox.enter('test-service', [id]);
      await work.stores.sagas.overdue(new Date(Number.NaN), 1).catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('Invalid time value');
    const { rowCount } = await pool.query('SELECT FROM inbox WHERE message_id = $1', [id]);
    expect(rowCount).toBe(0);
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

  it('go out in two packets: what is read with BEGIN, and what is written with COMMIT', async () => {
    const submitted = jest.spyOn(StatementBatch.prototype, 'submit');
    await transactor().transaction(async ({ work, ports }) => {
      const { tallies } = ports(work.scope(testContext()));
      const entering = work.stores.inbox.enter('test-service', [newId()]);
      // What a decision is also based on is loaded with the aggregate.
      const other = tallies.load(newId()).then(({ state }) => state.total);
      await Promise.all([
        entering,
        tallies.update(newId(), (_state, total: number) => [added(total)], other),
      ]);
    });
    expect(submitted).toHaveBeenCalledTimes(2);
    submitted.mockRestore();
  });

  it('fail together, without ending the connection, when one of them fails', async () => {
    const id = newId();
    const failing = transactor().transaction(async ({ work: { stores } }) => {
      const answers = await Promise.allSettled([
        stores.inbox.enter('test-service', [id]),
        stores.sagas.find('not a UUID'),
        stores.inbox.enter('test-service', [newId()]),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    });
    await expect(failing).rejects.toThrow('not a UUID');
    const again = await transactor().transaction(({ work }) => work.stores.inbox.enter('test-service', [id]));
    expect(again).toEqual(new Set([id]));
  });
});
