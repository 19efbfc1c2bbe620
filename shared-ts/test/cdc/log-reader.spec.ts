import { LogReader } from '../../src/cdc/log-reader';
import { decodePgOutput } from '../../src/cdc/pgoutput';
import { PublishingPipeline } from '../../src/cdc/publishing';
import { begin, commit, insert, relation } from './pgoutput-encoder';
import { FakeBroker, recordedLog, relayMetrics } from './support';

const OUTBOX = 7;
const COLUMNS = [
  'position',
  'transaction_id',
  'created_at',
  'id',
  'channel',
  'partition_key',
  'headers',
  'payload',
];
const row = (id: string): string[] => [
  '1',
  '2',
  '2026-11-01',
  id,
  'test.Thing',
  id,
  '{"ce-id":"x"}',
  '{"n":1}',
];

describe('the reader of the log', () => {
  let broker: FakeBroker;
  let confirmed: bigint[];
  let paused: boolean;
  let pipeline: PublishingPipeline;
  let reader: LogReader;

  beforeEach(() => {
    broker = new FakeBroker();
    confirmed = [];
    paused = false;
    pipeline = new PublishingPipeline({
      publisher: broker,
      parking: {
        load: () => Promise.resolve(new Map()),
        park: () => Promise.resolve(),
        parkBehind: () => Promise.resolve(true),
      },
      limits: { messages: 2, bytes: 1_000 },
      metrics: relayMetrics(),
      log: recordedLog(),
      onConfirmed: (position) => confirmed.push(position),
    });
    reader = new LogReader(pipeline, { pause: () => (paused = true), resume: () => (paused = false) });
  });

  afterEach(() => pipeline.abort());

  const receive = (...messages: Buffer[]): void => {
    for (const message of messages) reader.onMessage(decodePgOutput(message));
  };

  it('publishes the rows of a transaction and confirms its end', async () => {
    receive(begin(90n, 0n, 2), relation(OUTBOX, 'public', 'outbox', COLUMNS), insert(OUTBOX, row('a')));
    receive(commit(90n, 100n));
    await pipeline.drained();
    expect(broker.stored).toEqual([
      { id: 'a', subject: 'ftgo.test.Thing', headers: { 'ce-id': 'x' }, data: Buffer.from('{"n":1}') },
    ]);
    expect(confirmed).toEqual([100n]);
  });

  it('finds columns by name', async () => {
    const columns = ['new_one', ...[...COLUMNS].reverse()];
    receive(begin(90n, 0n, 2), relation(OUTBOX, 'public', 'outbox', columns));
    receive(insert(OUTBOX, [null, ...row('a').reverse()]));
    await pipeline.drained();
    expect(broker.ids).toEqual(['a']);
  });

  it('keeps what it read when the connection uses its buffer again', async () => {
    receive(begin(90n, 0n, 2), relation(OUTBOX, 'public', 'outbox', COLUMNS));
    const bytes = insert(OUTBOX, row('a'));
    receive(bytes);
    bytes.fill(0);
    await pipeline.drained();
    expect(broker.payloads).toEqual([{ n: 1 }]);
  });

  it('takes nothing from other tables', async () => {
    receive(begin(90n, 0n, 2), relation(8, 'public', 'other', ['id']), insert(8, ['a']), commit(90n, 100n));
    expect(confirmed).toEqual([100n]);
    expect(broker.tried.size).toBe(0);
  });

  it('confirms no keepalive within a transaction, since more of it may come', async () => {
    receive(begin(90n, 0n, 2), relation(OUTBOX, 'public', 'outbox', COLUMNS), insert(OUTBOX, row('a')));
    await pipeline.drained();
    reader.onKeepalive(120n);
    expect(confirmed).toEqual([]);
    receive(commit(90n, 100n));
    reader.onKeepalive(120n);
    expect(confirmed).toEqual([100n, 120n]);
  });

  it('lets the source wait while the pipeline is full', async () => {
    receive(begin(90n, 0n, 2), relation(OUTBOX, 'public', 'outbox', COLUMNS), insert(OUTBOX, row('a')));
    expect(paused).toBe(false);
    receive(insert(OUTBOX, row('b')));
    expect(paused).toBe(true);
    await pipeline.drained();
    expect(paused).toBe(false);
  });

  it('takes nothing more once it is stopped, and confirms nothing of a transaction that it has half of', async () => {
    receive(begin(90n, 0n, 2), relation(OUTBOX, 'public', 'outbox', COLUMNS), insert(OUTBOX, row('a')));
    reader.stop();
    receive(insert(OUTBOX, row('b')), commit(90n, 100n));
    reader.onKeepalive(120n);
    await pipeline.drained();
    expect(broker.ids).toEqual(['a']);
    expect(confirmed).toEqual([]);
  });

  it('refuses an outbox without a column that it needs, and rows outside of a transaction', () => {
    expect(() => receive(relation(OUTBOX, 'public', 'outbox', ['id', 'channel']))).toThrow(
      'has no column partition_key',
    );
    receive(relation(OUTBOX, 'public', 'outbox', COLUMNS));
    expect(() => receive(insert(OUTBOX, row('a')))).toThrow('outside of a transaction');
    expect(() => receive(commit(90n, 100n))).toThrow('outside of a transaction');
  });
});
