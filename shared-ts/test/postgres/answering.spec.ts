import pino from 'pino';
import type { Pool } from 'pg';
import { answering, createPool, isUnavailable } from '../../src/postgres';
import { freshDatabase, type TestDatabase } from '../../src/testing';
import { sharedSchema } from '../unit-of-work/test-ports';

const poolTo = (connectionString: string): Pool =>
  createPool({ connectionString, max: 1, serviceId: 'test-service' }, pino({ enabled: false }));

describe('the check whether the database answers', () => {
  let database: TestDatabase;
  let pool: Pool;
  let other: Pool;
  let now: number;
  let check: () => Promise<void>;
  let asked: jest.SpyInstance;

  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    pool = poolTo(database.url);
    other = poolTo(database.url);
    now = 0;
    check = answering([pool, other], () => now);
    asked = jest.spyOn(pool, 'query');
  });
  afterEach(() => Promise.all([pool.end(), other.end()]));

  it('asks it when nobody else has', async () => {
    await check();
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('does not when it has lately answered by any of the pools', async () => {
    await other.query('SELECT 1');
    now = 1_000;
    await check();
    expect(asked).not.toHaveBeenCalled();
  });

  it('asks again when that was long ago', async () => {
    await other.query('SELECT 1');
    now = 1_001;
    await check();
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('does not take a connection that broke for an answer', async () => {
    (await other.connect()).release(true);
    await check();
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('fails when there is none', async () => {
    const nowhere = poolTo('postgres://u:p@127.0.0.1:1/none');
    const error: unknown = await answering([nowhere])().catch((reason: unknown) => reason);
    expect(isUnavailable(error)).toBe(true);
    await nowhere.end();
  });
});
