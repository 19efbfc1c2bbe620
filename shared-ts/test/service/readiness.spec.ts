import { connect, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { freePort } from '../../../scripts/src/fleet/ports';
import { NatsBroker, STREAM } from '../../src/messaging';
import { eventually, freshDatabase, type TestDatabase } from '../../src/testing';
import { ownNats, type OwnNats } from '../messaging/own-nats';
import { startChild, type Child } from '../process/fixtures/child';
import { sharedSchema } from '../unit-of-work/test-ports';

describe('a service', () => {
  let database: TestDatabase;
  let server: OwnNats;
  let operator: NatsConnection;
  let service: Child;
  let url: string;

  beforeAll(async () => {
    [database, server] = await Promise.all([freshDatabase(sharedSchema), ownNats()]);
    operator = await connect({ servers: server.url });
    const port = await freePort();
    url = `http://127.0.0.1:${port}/ready`;
    service = startChild('../../service/fixtures/listening.ts', [], {
      PG_CONN: database.url,
      NATS_URL: server.url,
      WEB_HTTP_PORT: String(port),
      WEB_HTTP_HOST: '127.0.0.1',
      LOG_LEVEL: 'silent',
    });
  });
  afterAll(async () => {
    service.signal('SIGKILL');
    await service.ended;
    await operator.close();
    await Promise.all([server.remove(), database.drop()]);
  });

  /** As a relay does. */
  const makeStream = async (): Promise<void> => {
    const relay = await NatsBroker.connect(
      { url: server.url, serviceId: 'test', stream: 'make' },
      pino({ level: 'silent' }),
    );
    await relay.close();
  };
  const ready = async () => {
    const response = await fetch(url);
    return { status: response.status, body: await response.json() };
  };
  const noSubscriptions = {
    check: 'consumers',
    reason: 'no subscription to testservice.Thing, testservice.*.reply',
  };

  it('is ready while it has its subscriptions, and says which it lacks', async () => {
    await eventually(async () =>
      expect(await ready()).toMatchObject({
        status: 503,
        body: { reasons: [{ check: 'broker' }, noSubscriptions] },
      }),
    );
    await makeStream();
    await eventually(async () => expect(await ready()).toMatchObject({ status: 200 }));
    await (await operator.jetstreamManager()).streams.delete(STREAM);
    await eventually(async () =>
      expect(await ready()).toMatchObject({ status: 503, body: { reasons: [noSubscriptions] } }),
    );
    await makeStream();
    await eventually(async () => expect(await ready()).toMatchObject({ status: 200 }));
  });
});
