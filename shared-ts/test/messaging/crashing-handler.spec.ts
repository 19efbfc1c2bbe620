import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connect, headers as natsHeaders, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { newId } from '../../src/ids';
import { NatsBroker, subjectOf } from '../../src/messaging';
import { eventually, freshDatabase, type TestDatabase } from '../../src/testing';
import { sharedSchema } from '../unit-of-work/test-ports';

const runTypeScript = join(__dirname, '../process/fixtures/run-typescript.cjs');
const fixture = join(__dirname, 'fixtures/crashing-consumer.ts');

describe('a message whose handling ends the process', () => {
  const channel = `crashing.${newId()}`;
  let database: TestDatabase;
  let nats: NatsConnection;
  let url: string;
  let child: ChildProcess | undefined;
  let restarting = true;
  const exitCodes: (number | null)[] = [];

  beforeAll(async () => {
    url = process.env['FTGO_TEST_NATS'] ?? '';
    database = await freshDatabase(sharedSchema);
    nats = await connect({ servers: url });
    // It makes the stream.
    const broker = await NatsBroker.connect({ url, serviceId: 'test' }, pino({ level: 'silent' }));
    await broker.close();
  });

  afterAll(async () => {
    restarting = false;
    if (child !== undefined && child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await nats.close();
    await database.drop();
  });

  /** As whatever supervises a service would: it is started again whenever it ends. */
  const keepRunning = (): void => {
    const env = { PATH: process.env['PATH'], PG_CONN: database.url, NATS_URL: url, CHANNEL: channel };
    child = spawn(process.execPath, ['--require', runTypeScript, fixture], { env, stdio: 'inherit' });
    child.once('exit', (code) => {
      if (!restarting) return;
      exitCodes.push(code);
      keepRunning();
    });
  };

  const send = async (name: string, label: string): Promise<string> => {
    const id = newId();
    const headers = natsHeaders();
    headers.set('ce-id', id);
    headers.set('ce-type', name);
    headers.set('ce-messagekind', 'command');
    await nats.jetstream().publish(subjectOf(channel), JSON.stringify({ label }), { headers, msgID: id });
    return id;
  };

  it('is set aside after its tries, and the messages around it are handled once', async () => {
    await send('testapi.Fine', 'before');
    const poison = await send('testapi.Poison', 'poison');
    await send('testapi.Fine', 'after');
    keepRunning();
    await eventually(async () => {
      const { rows } = await database.pool.query(
        'SELECT message_id AS id, attempts, error FROM dead_letters',
      );
      expect(rows).toEqual([{ id: poison, attempts: 5, error: 'it ended the process each time' }]);
    }, 110_000);
    await send('testapi.Fine', 'later');
    await eventually(async () => {
      const { rows } = await database.pool.query<{ label: string }>(
        "SELECT payload::json->>'label' AS label FROM outbox",
      );
      expect(rows.map(({ label }) => label).sort()).toEqual(['after', 'before', 'later']);
    });
    // Once in the batch, and once for each counted try but the last, which set it aside.
    expect(exitCodes).toEqual([7, 7, 7, 7, 7]);
  });
});
