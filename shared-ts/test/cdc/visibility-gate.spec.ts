import type { Lsn } from '../../src/cdc/lsn';
import type { PgOutputMessage } from '../../src/cdc/pgoutput';
import { TransactionSnapshot } from '../../src/cdc/transaction-snapshot';
import { VisibilityGate } from '../../src/cdc/visibility-gate';
import { eventually } from './support';

const begin = (xid: number): PgOutputMessage => ({ kind: 'begin', committedAt: 0, xid });
const commit: PgOutputMessage = { kind: 'commit', endLsn: 2n };

describe('the gate for what nobody can see yet', () => {
  let passed: string[];
  let looks: ((snapshot: string) => void)[];
  let paused: boolean;
  let gate: VisibilityGate;
  const over = new AbortController();

  beforeEach(() => {
    passed = [];
    looks = [];
    paused = false;
    gate = new VisibilityGate(
      {
        onMessage: (message) => passed.push(describeMessage(message)),
        onKeepalive: (position: Lsn) => passed.push(`keepalive ${position}`),
      },
      { pause: () => (paused = true), resume: () => (paused = false) },
      () => new Promise((resolve) => looks.push((text) => resolve(TransactionSnapshot.parse(text)))),
      over.signal,
    );
  });
  afterAll(() => over.abort());

  const describeMessage = (message: PgOutputMessage): string => {
    if (message.kind === 'begin') return `begin ${message.xid}`;
    if (message.kind === 'insert') return `insert ${String(message.values[0])}`;
    return message.kind;
  };
  const insert = (text: string): PgOutputMessage => ({
    kind: 'insert',
    relationId: 1,
    values: [Buffer.from(text)],
  });
  const answer = async (look: number, snapshot: string): Promise<void> => {
    await eventually(() => expect(looks.length).toBeGreaterThan(look));
    looks[look]?.(snapshot);
  };

  it('holds a transaction, and all behind it, until a look sees it', async () => {
    for (const message of [begin(10), insert('a'), commit]) gate.onMessage(message);
    gate.onKeepalive(5n);
    expect(passed).toEqual([]);
    await answer(0, '10:11:10');
    await answer(1, '11:11:');
    await eventually(() => expect(passed).toEqual(['begin 10', 'insert a', 'commit', 'keepalive 5']));
  });

  it.each([10, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])(
    'passes nothing before the first look: transaction %i',
    async (xid) => {
      for (const message of [begin(xid), commit]) gate.onMessage(message);
      expect(passed).toEqual([]);
      await answer(0, `${xid + 1}:${xid + 1}:`);
      await eventually(() => expect(passed).toEqual([`begin ${xid}`, 'commit']));
    },
  );

  it('looks again at once while it is a matter of microseconds, and then after a pause', async () => {
    gate.onMessage(begin(10));
    for (const look of [0, 1, 2]) {
      expect(looks).toHaveLength(look + 1);
      looks[look]?.('10:11:10');
      await new Promise(process.nextTick);
    }
    expect(looks).toHaveLength(3);
    await answer(3, '11:11:');
    await eventually(() => expect(passed).toEqual(['begin 10']));
  });

  it('passes what the last look has seen without another one', async () => {
    gate.onMessage(begin(10));
    gate.onMessage(commit);
    await answer(0, '12:12:');
    await eventually(() => expect(passed).toHaveLength(2));
    gate.onMessage(begin(11));
    expect(passed).toHaveLength(3);
    expect(looks).toHaveLength(1);
  });

  it('keeps the order of commits when a later transaction is seen first', async () => {
    for (const message of [begin(11), commit, begin(10), commit]) gate.onMessage(message);
    await answer(0, '11:12:11');
    await answer(1, '12:12:');
    await eventually(() => expect(passed).toEqual(['begin 11', 'commit', 'begin 10', 'commit']));
  });

  it('asks the source to wait when it holds much, and to go on when it is through', async () => {
    gate.onMessage(begin(10));
    for (let row = 0; row < 1_000; row++) gate.onMessage(insert('a'));
    expect(paused).toBe(true);
    await answer(0, '11:11:');
    await eventually(() => expect(paused).toBe(false));
    expect(passed).toHaveLength(1_001);
  });

  it('says so when it can not look', async () => {
    const broken = new VisibilityGate(
      { onMessage: () => undefined, onKeepalive: () => undefined },
      { pause: () => undefined, resume: () => undefined },
      () => Promise.reject(new Error('the database is away')),
      over.signal,
    );
    broken.onMessage(begin(10));
    await expect(broken.failed).rejects.toThrow('the database is away');
  });
});
