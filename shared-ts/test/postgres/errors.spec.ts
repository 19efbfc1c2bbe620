import { Pool } from 'pg';
import { Rejection } from '../../src/domain';
import { ConcurrencyConflict } from '../../src/event-sourcing';
import { isUnavailable, sqlState } from '../../src/postgres';
import { testServerUrl } from '../../src/testing';

const coded = (code: string, message = 'an error'): Error => Object.assign(new Error(message), { code });

describe('the database is away', () => {
  it.each([
    ['08000', 'connection_exception'],
    ['08006', 'connection_failure'],
    ['53100', 'disk_full'],
    ['53300', 'too_many_connections'],
    ['57P01', 'admin_shutdown'],
    ['57P02', 'crash_shutdown'],
    ['57P03', 'cannot_connect_now'],
    ['25P03', 'idle_in_transaction_session_timeout'],
    ['ECONNREFUSED', 'nobody listens'],
    ['ECONNRESET', 'the connection was cut'],
    ['EPIPE', 'the connection was cut while writing'],
    ['ETIMEDOUT', 'nobody answers'],
    ['ENOTFOUND', 'the name is unknown'],
    ['EHOSTUNREACH', 'there is no way there'],
    ['ENETUNREACH', 'there is no way to its network'],
    ['ENETDOWN', 'our network is down'],
    ['EHOSTDOWN', 'its machine is down'],
    ['ECONNABORTED', 'the connection was given up'],
    ['EAI_AGAIN', 'the name server is away'],
    ['EAI_FAIL', 'the name server failed'],
  ])('when the code is %s (%s)', (code) => {
    expect(isUnavailable(coded(code))).toBe(true);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'timeout exceeded when trying to connect',
    'Query read timeout',
  ])('when pg says: %s', (message) => {
    expect(isUnavailable(new Error(message))).toBe(true);
  });

  it('when its Unix socket is not there', async () => {
    const pool = new Pool({ host: '/nowhere/at/all' });
    const error: unknown = await pool.query('SELECT 1').catch((reason: unknown) => reason);
    expect(isUnavailable(error)).toBe(true);
    await pool.end();
  });

  it('when every address of the server refused', () => {
    expect(isUnavailable(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]))).toBe(true);
  });

  it('when that is why something else failed', () => {
    expect(isUnavailable(new Error('Migration 001.sql failed', { cause: coded('57P01') }))).toBe(true);
  });
});

describe('the database is there', () => {
  it.each([
    ['23505', 'unique_violation'],
    ['22P02', 'invalid_text_representation'],
    ['40001', 'serialization_failure'],
    ['40P01', 'deadlock_detected'],
    ['42P01', 'undefined_table'],
    ['25P02', 'in_failed_sql_transaction'],
    ['57014', 'query_canceled'],
    ['28P01', 'invalid_password'],
    ['ENOENT', 'no file'],
  ])('when the code is %s (%s)', (code) => {
    expect(isUnavailable(coded(code))).toBe(false);
  });

  it.each([
    ['a fault', new Error('x is not a function')],
    ['a rejection', new Rejection('conflict', 'NOT_NOW', 'Not now.')],
    ['a conflict', new ConcurrencyConflict('too slow', { cause: coded('23505') })],
    ['an aggregate of other errors', new AggregateError([new Error('one'), coded('23505')])],
    ['a string', 'Connection terminated'],
    ['nothing', undefined],
  ])('when what was thrown is %s', (_what, error) => {
    expect(isUnavailable(error)).toBe(false);
  });
});

describe('what pg really throws', () => {
  const failing = async (url: string, sql: string): Promise<unknown> => {
    const pool = new Pool({ connectionString: url, max: 1 });
    pool.on('error', () => undefined);
    try {
      return await pool.query(sql).then(
        () => undefined,
        (error: unknown) => error,
      );
    } finally {
      await pool.end();
    }
  };

  it('is an absence when nobody listens', async () => {
    expect(isUnavailable(await failing('postgres://nobody@127.0.0.1:1/none', 'SELECT 1'))).toBe(true);
  });

  it('is an absence when the server ends the connection under a statement', async () => {
    const error = await failing(testServerUrl(), 'SELECT pg_terminate_backend(pg_backend_pid())');
    expect(isUnavailable(error)).toBe(true);
  });

  it('is a fault, with its SQLSTATE, when the statement is wrong', async () => {
    const error = await failing(testServerUrl(), 'SELECT * FROM no_such_table');
    expect(isUnavailable(error)).toBe(false);
    expect(sqlState(error)).toBe('42P01');
  });
});
