import fc from 'fast-check';
import type { RelayMetrics } from '../../src/cdc/metrics';
import type { OutboxRecord } from '../../src/cdc/outbox-record';
import type { Parking } from '../../src/cdc/parking';
import { PublishingPipeline, type PipelineLimits } from '../../src/cdc/publishing';
import { PublishError } from '../../src/messaging/broker';
import { eventually, FakeBroker, recordedLog, relayMetrics } from './support';

class FakeParking implements Parking {
  readonly rows: { record: OutboxRecord; reason: string }[] = [];
  failures = 0;

  load(): Promise<Map<string, bigint>> {
    return Promise.resolve(new Map<string, bigint>());
  }

  async park(record: OutboxRecord, reason: string): Promise<void> {
    if (this.failures-- > 0) throw new Error('no database');
    this.rows.push({ record, reason });
  }

  async parkBehind(record: OutboxRecord): Promise<boolean> {
    const behind = this.rows.some((row) => row.record.partitionKey === record.partitionKey);
    if (behind) await this.park(record, 'behind');
    return behind;
  }

  get ids(): string[] {
    return this.rows.map((row) => row.record.id);
  }
}

let position = 0;
const record = (id: string, key: string, fields: Partial<OutboxRecord> = {}): OutboxRecord => ({
  id,
  channel: 'test.Thing',
  partitionKey: key,
  headers: '{}',
  payload: Buffer.from('{}'),
  since: Date.now(),
  transactionId: '1',
  position: String(++position),
  ...fields,
});

describe('the publishing pipeline', () => {
  let broker: FakeBroker;
  let parking: FakeParking;
  let confirmed: bigint[];
  let pipeline: PublishingPipeline;
  let metrics: RelayMetrics;

  function makePipeline(limits: PipelineLimits = { messages: 100, bytes: 1_000_000 }): PublishingPipeline {
    broker = new FakeBroker();
    parking = new FakeParking();
    confirmed = [];
    metrics = relayMetrics();
    return new PublishingPipeline({
      publisher: broker,
      parking,
      limits,
      metrics,
      log: recordedLog(),
      onConfirmed: (at) => confirmed.push(at),
    });
  }

  beforeEach(() => {
    pipeline = makePipeline();
  });

  afterEach(() => pipeline.abort());

  it('publishes one message of a key at a time, and many keys side by side', async () => {
    const batch = pipeline.begin();
    for (const id of ['a1', 'a2', 'a3']) pipeline.add(batch, record(id, 'a'));
    for (const id of ['b1', 'b2']) pipeline.add(batch, record(id, 'b'));
    pipeline.end(batch, 1n);
    await pipeline.drained();
    expect(broker.mostInFlight).toBe(2);
    expect(broker.ids.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(confirmed).toEqual([1n]);
  });

  it('keeps the order of every key, however often publications fail', async () => {
    const outcome = fc.record({ keys: fc.array(fc.nat({ max: 4 }), { maxLength: 40 }), seed: fc.nat() });
    await fc.assert(
      fc.asyncProperty(outcome, async ({ keys, seed }) => {
        pipeline = makePipeline();
        let random = seed;
        const failed = new Set<string>();
        broker.onPublish = (message) => {
          random = (random * 48_271 + 11) % 2_147_483_647;
          if (random % 5 > 0 || failed.has(message.id)) return;
          failed.add(message.id);
          throw new PublishError('time-out', false);
        };
        const batch = pipeline.begin();
        keys.forEach((key, n) => pipeline.add(batch, record(`${key}-${n}`, `k${key}`)));
        pipeline.end(batch, 7n);
        await pipeline.drained();
        for (const key of new Set(keys)) {
          const sent = keys.map((each, n) => ({ each, n })).filter(({ each }) => each === key);
          expect(broker.stored.map(({ id }) => id).filter((id) => id.startsWith(`${key}-`))).toEqual(
            sent.map(({ n }) => `${key}-${n}`),
          );
        }
        expect(confirmed).toEqual([7n]);
      }),
      { numRuns: 15 },
    );
  });

  it('does not confirm a batch that is half received', async () => {
    const batch = pipeline.begin();
    pipeline.add(batch, record('1', 'a'));
    await pipeline.drained();
    expect(confirmed).toEqual([]);
    pipeline.end(batch, 1n);
    expect(confirmed).toEqual([1n]);
  });

  it('asks the source to wait when it holds too many messages, and lets it go on when half are gone', async () => {
    pipeline = makePipeline({ messages: 4, bytes: 1_000_000 });
    const release: (() => void)[] = [];
    const inFlight = async (): Promise<number | undefined> => (await metrics.inFlight.get()).values[0]?.value;
    broker.onPublish = () => new Promise((resolve) => release.push(resolve));
    const batch = pipeline.begin();
    for (const id of ['1', '2', '3']) pipeline.add(batch, record(id, id));
    expect(pipeline.full).toBe(false);
    pipeline.add(batch, record('4', '4'));
    expect(pipeline.full).toBe(true);
    let hasRoom = false;
    const room = pipeline.room().then(() => (hasRoom = true));
    await eventually(() => expect(release).toHaveLength(4));
    release[0]?.();
    await eventually(async () => expect(await inFlight()).toBe(3));
    expect(hasRoom).toBe(false);
    release[1]?.();
    await room;
    expect(await inFlight()).toBe(2);
  });

  it('asks the source to wait when it holds too many bytes', () => {
    pipeline = makePipeline({ messages: 100, bytes: 1_000 });
    const batch = pipeline.begin();
    pipeline.add(batch, record('1', 'a', { payload: Buffer.alloc(1_000) }));
    expect(pipeline.full).toBe(true);
  });

  it('parks an impossible message with the later ones of its key, also when the database fails at first', async () => {
    parking.failures = 2;
    broker.onPublish = (message) => {
      if (message.id === 'a2') throw new PublishError('too large', true);
    };
    const batch = pipeline.begin();
    for (const id of ['a1', 'a2', 'a3']) pipeline.add(batch, record(id, 'a'));
    pipeline.add(batch, record('b1', 'b'));
    pipeline.end(batch, 1n);
    await pipeline.drained();
    expect(new Set(broker.ids)).toEqual(new Set(['a1', 'b1']));
    expect(parking.ids).toEqual(['a2', 'a3']);
    expect(confirmed).toEqual([1n]);
  });

  it('publishes what is sent again from before the parked message of its key', async () => {
    const earlier = record('a1', 'a');
    broker.onPublish = (message) => {
      if (message.id === 'a2') throw new PublishError('too large', true);
    };
    const batch = pipeline.begin();
    pipeline.add(batch, record('a2', 'a'));
    await pipeline.drained();
    pipeline.add(batch, earlier);
    await pipeline.drained();
    expect(broker.ids).toEqual(['a1']);
    expect(parking.ids).toEqual(['a2']);
  });

  it.each([
    { what: 'headers that are no object', fields: { headers: '[]' } },
    { what: 'headers that are null', fields: { headers: 'null' } },
    { what: 'a header that is no text', fields: { headers: '{"ce-id": 1}' } },
    { what: 'a channel with a wildcard', fields: { channel: 'test.*' } },
    { what: 'a channel with a blank', fields: { channel: 'test thing' } },
    { what: 'an empty channel', fields: { channel: '' } },
  ])('parks a row with $what', async ({ fields }) => {
    const batch = pipeline.begin();
    pipeline.add(batch, record('1', 'a', fields));
    await pipeline.drained();
    expect(parking.ids).toEqual(['1']);
    expect(broker.stored).toEqual([]);
  });

  it('confirms nothing any more once it is aborted', async () => {
    let finish: (() => void) | undefined;
    broker.onPublish = () => new Promise((resolve) => (finish = resolve));
    const batch = pipeline.begin();
    pipeline.add(batch, record('1', 'a'));
    pipeline.add(batch, record('2', 'a'));
    pipeline.end(batch, 1n);
    const drained = pipeline.drained();
    await eventually(() => expect(finish).toBeDefined());
    pipeline.abort();
    await expect(drained).rejects.toThrow();
    finish?.();
    await eventually(() => expect(broker.ids).toEqual(['1']));
    await new Promise((resolve) => setImmediate(resolve));
    expect(confirmed).toEqual([]);
    expect(broker.ids).toEqual(['1']);
  });

  it('confirms no keepalive once it is aborted', () => {
    pipeline.abort();
    pipeline.pass(1n);
    expect(confirmed).toEqual([]);
  });
});
