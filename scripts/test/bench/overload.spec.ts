import type { Flood } from '../../src/bench/load/load';
import { compare } from '../../src/bench/measure/order-audit';
import { findingsIn, grown, overloadFigures } from '../../src/bench/scenarios/overload';
import { summarise } from '../../src/bench/statistics';

const good: Flood = {
  seconds: 2,
  sent: 5,
  approvedPerSecond: 1,
  answers: { '201': 2, '503 OVERLOADED': 3 },
  refusedWithoutRetryAfter: 0,
  acceptedIds: ['one', 'two'],
  ends: { approved: 2, rejected: 0 },
  latencies: { accepted: [1, 3], refused: [2, 2, 2], ended: [10, 30], probe: [4] },
  recoveredAfterMs: 500,
  failures: [],
};

describe('a flood of orders', () => {
  it('has no findings when all was accepted and ended, or refused', () => {
    expect(findingsIn(good)).toEqual([]);
  });

  it.each<[string, Partial<Flood>]>([
    [
      '1 requests were answered 500 INTERNAL_ERROR',
      { answers: { ...good.answers, '500 INTERNAL_ERROR': 1 } },
    ],
    ['2 requests were answered none', { answers: { ...good.answers, none: 2 } }],
    ['1 refusals without Retry-After', { refusedWithoutRetryAfter: 1 }],
    ['1 accepted orders did not end', { ends: { approved: 1, rejected: 0 } }],
    ['1 accepted orders were rejected', { ends: { approved: 1, rejected: 1 } }],
    ['nothing was refused: the load was no overload', { answers: { '201': 2 } }],
    ['the fleet has not recovered within a minute', { recoveredAfterMs: undefined }],
    ['failed: socket hang up', { failures: ['socket hang up'] }],
  ])('has the finding "%s"', (finding, changed) => {
    expect(findingsIn({ ...good, ...changed })).toEqual([finding]);
  });

  it('has figures', () => {
    const memory = (bytes: number) => new Map([['nats', bytes]]);
    const peaks = [memory(2e6), memory(3e6)] as const;
    expect(overloadFigures(10, good, summarise([5]), memory(1e6), peaks)).toMatchObject({
      perSecond: 10,
      approved: 2,
      latencies: { accepted: { max: 3 }, ended: { max: 30 }, probe: { max: 4 } },
      idleMemory: { nats: 1e6 },
      peakMemory: [{ nats: 2e6 }, { nats: 3e6 }],
    });
  });
});

describe('memory', () => {
  it('is at its bound when the second half takes little more than the first', () => {
    const half = (nats: number) => new Map([['nats', nats]]);
    expect(grown([half(100), half(140)])).toEqual([]);
    expect(grown([half(100), half(160)])).toEqual([expect.stringContaining('the memory of nats grew')]);
  });

  it('of the load generator is not looked at', () => {
    const half = (bytes: number) => new Map([['load generator', bytes]]);
    expect(grown([half(100), half(1000)])).toEqual([]);
  });
});

describe('the audit of orders', () => {
  it('wants each step once for each order that was accepted, and for no other', () => {
    const once = new Map([
      ['one', 1],
      ['two', 1],
    ]);
    expect(compare('placed', ['one', 'two'], once)).toEqual([]);
    expect(compare('placed', ['one', 'two', 'three'], once)).toEqual([
      'order three was accepted, and placed 0 times',
    ]);
    expect(compare('placed', ['one'], new Map([['one', 2]]))).toEqual([
      'order one was accepted, and placed 2 times',
    ]);
    expect(compare('placed', ['one'], once)).toEqual([
      'order two was placed, and nobody was told that it was accepted',
    ]);
  });

  it('tells the first few and how many more there are', () => {
    const ids = Array.from({ length: 8 }, (_, index) => `order-${index}`);
    const lines = compare('placed', ids, new Map());
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe('... and 3 more like these');
  });
});
