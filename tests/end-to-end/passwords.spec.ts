import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually, freshDatabase, type TestDatabase } from '@ftgo/shared-ts/testing';
import { freePort } from '../../scripts/src/fleet/ports';
import { GuardedBroker } from '../../scripts/test/infrastructure/guarded-broker';
import { temporaryFolder } from '../../scripts/test/temporary-folder';

const repository = join(__dirname, '..', '..');
/** As it stands in a URL, where it must be encoded, and as it is sent. */
const encoded = 'hush%40never%2Fsay-it';
const secrets = [encoded, decodeURIComponent(encoded)];

const processes = [
  { id: 'order-service', entry: 'order/dist/cmd/service/main.js' },
  { id: 'order-cdc', entry: 'order/dist/cmd/cdc/main.js' },
];

/** What a process writes until it has written `expected`, and from then to its end. */
async function outputOf(entry: string, env: Record<string, string>, expected: RegExp): Promise<string> {
  const child = spawn(process.execPath, [join(repository, entry)], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'trace', WEB_HTTP_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = new Promise((resolve) => child.once('close', resolve));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  try {
    await eventually(() => expect(output).toMatch(expected));
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
  return output;
}

describe('a process that can not connect', () => {
  const role = `hushed_${process.pid}`;
  let database: TestDatabase;
  let broker: GuardedBroker;
  let closed: number;
  const folder = temporaryFolder(async () => {
    await database.drop();
    await broker.stop();
  });

  beforeAll(async () => {
    database = await freshDatabase({
      shared: ['event-store', 'outbox', 'inbox', 'idempotency', 'sagas'],
      folder: join(repository, 'order', 'migrations'),
    });
    // It goes with the server, which is this test run's.
    await database.pool.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${secrets[1]}'`);
    broker = await GuardedBroker.start(folder);
    closed = await freePort();
  });

  const databaseAs = (user: string) =>
    Object.assign(new URL(database.url), { username: user, password: encoded }).href;
  const openBroker = () => `nats://order:${encoded}@${new URL(process.env['FTGO_TEST_NATS'] ?? '').host}`;
  const nowhere = () => `127.0.0.1:${closed}`;

  const troubles: readonly { trouble: string; env: () => Record<string, string>; says: RegExp }[] = [
    {
      trouble: 'the database is not there',
      env: () => ({ PG_CONN: `postgres://${role}:${encoded}@${nowhere()}/ordering`, NATS_URL: openBroker() }),
      says: /ECONNREFUSED/,
    },
    {
      trouble: 'the database refuses the password',
      env: () => ({ PG_CONN: databaseAs('postgres'), NATS_URL: openBroker() }),
      says: /password authentication failed/,
    },
    {
      trouble: 'the broker is not there',
      env: () => ({ PG_CONN: databaseAs(role), NATS_URL: `nats://order:${encoded}@${nowhere()}` }),
      says: /the broker is waited for/,
    },
    {
      trouble: 'the broker refuses the password',
      env: () => ({
        PG_CONN: databaseAs(role),
        NATS_URL: `nats://order:${encoded}@127.0.0.1:${broker.server.port}`,
      }),
      says: /Authorization Violation/,
    },
    {
      trouble: 'the addresses are none',
      env: () => ({
        PG_CONN: `postgres://${role}:${encoded}@[/ordering`,
        NATS_URL: `http://order:${encoded}@x`,
      }),
      says: /PG_CONN must be[^]*NATS_URL must be/,
    },
  ];
  const cases = processes.flatMap((one) =>
    troubles.flatMap((trouble) =>
      ['production', 'development'].map((environment) => ({ ...one, ...trouble, environment })),
    ),
  );

  it.each(cases)(
    'says so and not the password: $id in $environment, $trouble',
    async ({ entry, env, says, environment }) => {
      const output = await outputOf(entry, { ...env(), ENVIRONMENT: environment }, says);
      for (const secret of secrets) expect(output).not.toContain(secret);
    },
  );
});
