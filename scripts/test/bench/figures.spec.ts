import { bodyBytesFor, ceilingFigures, transactions } from '../../src/bench/scenarios/ceiling';
import { compare, throughputOf } from '../../src/bench/scenarios/growth';
import { activityFigures } from '../../src/bench/scenarios/mixed';
import { relayFigures } from '../../src/bench/scenarios/relay';
import { storedFigures } from '../../src/bench/scenarios/replay';
import { soakFigures } from '../../src/bench/scenarios/soak';
import { idleFigures } from '../../src/bench/scenarios/start';
import { levelFigures, topOf, type LevelFigures } from '../../src/bench/scenarios/throughput';

const counts = { statements: 80, commits: 4, rows: 10, walBytes: 4000, messages: 13 };

const level = (inFlight: number, latencies: number[]): LevelFigures =>
  levelFigures({
    inFlight,
    timed: { seconds: 2, latencies: { approval: latencies }, failures: [], failed: 0 },
    tally: { statements: [], orders: 10, messages: 130, walBytes: 4000 },
    cpuBefore: new Map([['nats', 1]]),
    cpuAfter: new Map([['nats', 1.5]]),
    peakMemory: new Map([['nats', 1e6]]),
  });

describe('the figures of a level of throughput', () => {
  it('relate what was approved and used to the time and to the orders', () => {
    expect(level(8, [10, 20, 30, 40])).toMatchObject({
      inFlight: 8,
      approvedPerSecond: 2,
      latency: { p50: 20, max: 40 },
      cpuSeconds: { nats: 0.5 },
      cpuMsPerOrder: { nats: 125 },
      peakMemoryBytes: { nats: 1e6 },
      counts: { messages: 13 },
    });
  });

  it('of the top are those with the most orders', () => {
    expect(topOf([level(1, [1]), level(32, [1, 2, 3]), level(128, [1, 2])])?.inFlight).toBe(32);
  });
});

describe('the ceiling', () => {
  const top = { ...level(32, [1, 2]), approvedPerSecond: 100, counts };

  const postgres = (commitsPerSecond: number) => ({
    commitsPerSecond,
    approvedByTurns: [80, 120, 130],
    ordersByBoth: [300, 500, 400],
  });

  it('is the lower one of what PostgreSQL and NATS allow, and what both allow at once by turns with FTGO', () => {
    expect(ceilingFigures(top, 13_000, postgres(2000))).toMatchObject({
      ordersByPostgres: 500,
      ordersByNats: 1000,
      shareOfLower: 0.2,
      shareOfBoth: 0.275,
    });
    expect(ceilingFigures(top, 13_000, postgres(8000))).toMatchObject({
      ordersByPostgres: 2000,
      shareOfLower: 0.1,
    });
  });

  it('is that of NATS where there is no pgbench', () => {
    expect(ceilingFigures(top, 13_000, undefined)).toMatchObject({
      ordersByPostgres: undefined,
      shareOfLower: 0.1,
      shareOfBoth: undefined,
    });
  });

  it('has commits of so many rows in the mean', () => {
    const scripts = transactions(counts, 7);
    const rows = scripts.map(({ sql }) => Number(/generate_series\(1, (\d+)\)/.exec(sql)?.[1]));
    const weights = scripts.map(({ weight }) => weight);
    expect(rows).toEqual([2, 3]);
    expect(weights).toEqual([50, 50]);
  });

  it('has no second kind of commit where the rows come out even', () => {
    expect(transactions({ ...counts, rows: 12 }, 7)).toHaveLength(1);
  });

  it('has rows as long as it takes to write as much log', () => {
    expect(bodyBytesFor(900, [100, 500], [1000, 2300])).toBe(300);
    expect(bodyBytesFor(10, [100, 500], [1000, 2300])).toBe(1);
    expect(bodyBytesFor(1e9, [100, 500], [1000, 2300])).toBe(7_500);
  });
});

describe('the figures of the other scenarios', () => {
  it('tell each activity of a mixed load, also one that did not occur', () => {
    const window = { seconds: 2, latencies: { approval: [5, 7], search: [1] }, failures: [], failed: 0 };
    const figures = activityFigures(window).map(({ activity, perSecond }) => [activity, perSecond]);
    expect(Object.fromEntries(figures)).toEqual({
      approval: 1,
      cancellation: 0,
      revision: 0,
      acceptance: 0,
      search: 0.5,
    });
  });

  it('tell how fast a relay drains outboxes, by the median, and how long a single row takes', () => {
    const drainedIn = (ms: number) => [0, ms / 2, ms].map((after) => ({ storedAt: 1000 + after }));
    const drained = [drainedIn(4000), drainedIn(1000), drainedIn(500)];
    const row = { id: '', name: '', causedBy: '', begunAt: 0, committedAt: 10, storedAt: 13 };
    const figures = relayFigures(drained, { passages: [row], acknowledged: { count: 2, seconds: 0.01 } });
    expect(figures).toMatchObject({
      rows: 3,
      rowsPerSecond: 2,
      ratesByTurn: [0.5, 2, 4],
      latency: { p50: 3 },
      meanToPubAck: 5,
    });
  });

  it('tell the trend of a soak by the hour, of memory by the lowest of each part from its second half on', () => {
    const part = (minute: number, latency: number) => ({
      window: { seconds: 60, latencies: { approval: [latency] }, failures: ['busy'], failed: 1 },
      at: minute * 60,
    });
    const sample = (minute: number, bytes: number) => ({
      at: minute * 60,
      bytes: new Map([['nats', bytes]]),
    });
    const sizes = (bytes: number) => ({
      tables: new Map([['ordering', bytes]]),
      walPosition: bytes * 2,
      walKept: bytes * 3,
    });
    const found = [part(1, 10), part(2, 11), part(3, 12), part(4, 13)];
    const memory = [1, 2, 3, 3.5, 4].map((minute, index) =>
      sample(minute, [5000, 9000, 100, 7000, 110][index] ?? 0),
    );
    expect(soakFigures(70, found, memory, sizes(10), sizes(30))).toMatchObject({
      orders: 4,
      failed: 4,
      failures: ['busy'],
      seconds: 240,
      drift: { p50: expect.closeTo(60) as number },
      memoryFloor: { nats: [100, 110] },
      memorySlope: { nats: expect.closeTo(600) as number },
      tableGrowth: { ordering: 20 },
      walWritten: 40,
      walKept: 60,
    });
  });

  it('tell what part of a CPU an idle fleet takes', () => {
    const figures = idleFigures(new Map([['nats', 1e6]]), new Map([['nats', 0.5]]), 10);
    expect(figures).toEqual({ memory: { nats: 1e6 }, cpu: { nats: 0.05 } });
  });

  it('put the steps of two ages side by side', () => {
    const timing = (ms: number) => [{ orderId: '', sentAt: 0, ms }];
    const age = (ms: number) => ({ order: timing(ms), schedule: timing(ms), search: timing(ms) });
    const found = compare(age(1), age(2)).map(({ step, first, later }) => [step, first.p50, later.p50]);
    expect(found).toEqual([
      ['order', 1, 2],
      ['schedule', 1, 2],
      ['search', 1, 2],
    ]);
  });
});

describe('throughput by turns', () => {
  it('is that of all stretches together', () => {
    const stretch = (seconds: number, approval: number[], failed: number) => ({
      seconds,
      latencies: { approval },
      failures: [],
      failed,
    });
    expect(throughputOf([stretch(1, [10, 20], 1), stretch(3, [30, 40, 50, 60], 2)])).toMatchObject({
      approvedPerSecond: 1.5,
      latency: { count: 6, p50: 30, max: 60 },
      failed: 3,
    });
  });
});

describe('a replay', () => {
  it('is as fast as the broker stored what came, whatever was before and after', () => {
    const stored = [1000, 1250, 1500].map((storedAt) => ({ storedAt }));
    expect(storedFigures(stored)).toEqual({ messages: 3, messagesPerSecond: 4 });
  });

  it('of nothing has no speed', () => {
    expect(storedFigures([])).toEqual({ messages: 0, messagesPerSecond: 0 });
  });
});
