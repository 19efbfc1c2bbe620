import { getEventListeners } from 'node:events';
import { Leadership } from '../../src/cdc/leadership';
import { createPollingRelay } from '../../src/cdc/polling-relay';
import { createWalRelay } from '../../src/cdc/wal-relay';
import {
  eventually,
  FakeBroker,
  outboxDatabase,
  recordedLog,
  relayMetrics,
  type OutboxDatabase,
} from './support';

describe('a relay whose sessions fail', () => {
  let database: OutboxDatabase;

  beforeEach(async () => {
    database = await outboxDatabase();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await database.drop();
  });

  it.each([
    { mode: 'WAL', create: createWalRelay },
    { mode: 'polling', create: createPollingRelay },
  ])('leaves nothing of them behind on the signal that stops it: $mode', async ({ create }) => {
    const acquire = Leadership.acquire.bind(Leadership);
    const leftBehind: number[] = [];
    // Between two sessions nobody waits for the signal.
    jest.spyOn(Leadership, 'acquire').mockImplementation((options) => {
      leftBehind.push(getEventListeners(options.signal, 'abort').length);
      return acquire(options);
    });
    await database.pool.query('DROP TABLE relay_checkpoint');
    const relay = create({
      databaseUrl: database.url,
      relayId: 'test-cdc',
      slot: database.slot,
      publisher: new FakeBroker(),
      metrics: relayMetrics(),
      log: recordedLog(),
      pollInterval: 5,
    });
    await relay.start();
    try {
      await eventually(() => expect(leftBehind.length).toBeGreaterThan(4));
    } finally {
      await relay.stop();
    }
    expect(new Set(leftBehind)).toEqual(new Set([0]));
  });
});
