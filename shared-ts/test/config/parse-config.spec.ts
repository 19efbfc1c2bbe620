import { z } from 'zod';
import { helpText, parseConfig, relayVariables, serviceVariables, type Environ } from '../../src/config';

const pgConn = 'postgres://ordering:secret@127.0.0.1:5432/ordering';

function problemsOf(environ: Environ): Record<string, string> {
  const parsed = parseConfig(relayVariables('order-cdc'), { PG_CONN: pgConn, ...environ });
  return parsed.ok ? {} : Object.fromEntries(parsed.problems.map(({ name, message }) => [name, message]));
}

describe('The configuration of a process', () => {
  it('has a default for everything but the database', () => {
    expect(parseConfig(serviceVariables('order-service'), { PG_CONN: pgConn })).toEqual({
      ok: true,
      config: {
        SERVICE_ID: 'order-service',
        ENVIRONMENT: 'development',
        LOG_LEVEL: 'info',
        SHUTDOWN_TIMEOUT: 10_000,
        PG_CONN: pgConn,
        PG_POOL_SIZE: 10,
        NATS_URL: ['nats://127.0.0.1:4222'],
        WEB_HTTP_PORT: 80,
        WEB_HTTP_HOST: '0.0.0.0',
        WEB_MAX_REQUESTS: 200,
        OUTBOX_RETENTION: 604_800_000,
      },
    });
  });

  it('has two variables that only relays have', () => {
    const parsed = parseConfig(relayVariables('order-cdc'), { PG_CONN: pgConn });
    expect(parsed).toMatchObject({
      config: { CDC_MODE: 'wal', CDC_POLL_INTERVAL: 250 },
    });
  });

  it('takes the environment before the default', () => {
    const parsed = parseConfig(serviceVariables('order-service'), {
      PG_CONN: pgConn,
      NATS_URL: 'nats://one:4222, nats://two:4222',
      WEB_HTTP_PORT: '8005',
    });
    expect(parsed).toMatchObject({
      config: { WEB_HTTP_PORT: 8005, NATS_URL: ['nats://one:4222', 'nats://two:4222'] },
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(problemsOf({ LOG_LEVEL: '', WEB_HTTP_PORT: '' })).toEqual({});
  });

  it('says what is required', () => {
    expect(problemsOf({ PG_CONN: undefined })).toEqual({ PG_CONN: expect.stringContaining('is required') });
  });

  it.each([
    ['ENVIRONMENT', 'staging'],
    ['LOG_LEVEL', 'loud'],
    ['SHUTDOWN_TIMEOUT', 'later'],
    ['PG_POOL_SIZE', '0'],
    ['NATS_URL', 'http://127.0.0.1'],
    ['NATS_URL', 'nats://one:4222,,'],
    ['WEB_HTTP_PORT', 'eighty'],
    ['WEB_HTTP_PORT', '65536'],
    ['WEB_HTTP_PORT', '1e3'],
    ['PG_CONN', 'mysql://u:p@h/db'],
    ['PG_CONN', 'postgres://u:p@h'],
    ['CDC_MODE', 'both'],
    ['SERVICE_ID', 'Order Service'],
  ])('names %s when it is %j', (name, value) => {
    expect(Object.keys(problemsOf({ [name]: value }))).toEqual([name]);
  });

  it('names everything that is wrong at once', () => {
    expect(Object.keys(problemsOf({ LOG_LEVEL: 'loud', CDC_MODE: 'both' }))).toEqual([
      'LOG_LEVEL',
      'CDC_MODE',
    ]);
  });

  it('shows a wrong value, unless it is a secret', () => {
    const problems = problemsOf({ LOG_LEVEL: 'loud', PG_CONN: 'mysql://u:hunter2@h/db' });
    expect(problems.LOG_LEVEL).toContain('"loud"');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('lets a variable be optional by its schema', () => {
    const variables = { REGION: { schema: z.string().optional(), description: 'where it runs' } };
    expect(parseConfig(variables, {})).toEqual({ ok: true, config: { REGION: undefined } });
  });
});

describe('A secret', () => {
  const variables = serviceVariables('order-service');
  const read = (path: string) => {
    if (path !== '/run/secrets/pg') throw new Error('ENOENT');
    return `${pgConn}\n`;
  };

  it('can be read from a file', () => {
    const parsed = parseConfig(variables, { PG_CONN_FILE: '/run/secrets/pg' }, read);
    expect(parsed).toMatchObject({ ok: true, config: { PG_CONN: pgConn } });
  });

  it('can not be read from a file that is not there', () => {
    const parsed = parseConfig(variables, { PG_CONN_FILE: '/nowhere' }, read);
    expect(parsed).toMatchObject({
      problems: [{ name: 'PG_CONN', message: expect.stringContaining('/nowhere') }],
    });
  });

  it('is not guessed when it is given in both ways', () => {
    const parsed = parseConfig(variables, { PG_CONN: pgConn, PG_CONN_FILE: '/run/secrets/pg' }, read);
    expect(parsed).toMatchObject({ ok: false, problems: [{ name: 'PG_CONN' }] });
  });

  it('is the only thing that is read from files', () => {
    const parsed = parseConfig(variables, { PG_CONN: pgConn, LOG_LEVEL_FILE: '/run/secrets/pg' }, read);
    expect(parsed).toMatchObject({ config: { LOG_LEVEL: 'info' } });
  });
});

describe('The help', () => {
  it('lists every variable with its default and its description', () => {
    const variables = relayVariables('order-cdc');
    const text = helpText(variables);
    for (const [name, variable] of Object.entries(variables)) {
      expect(text).toContain(`  ${name}`);
      expect(text).toContain(variable.description);
    }
    expect(text).toContain('[default: order-cdc]');
    expect(text).toContain('[required]');
  });
});
