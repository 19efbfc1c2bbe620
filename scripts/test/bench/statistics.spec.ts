import * as fc from 'fast-check';
import { growth, quantile, slope, summarise, type Point } from '../../src/bench/statistics';

describe('a summary', () => {
  it('has the nearest ranks of a hundred values', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summarise(values)).toEqual({ count: 100, mean: 50.5, p50: 50, p95: 95, p99: 99, max: 100 });
  });

  it('of one value is that value', () => {
    expect(summarise([7])).toEqual({ count: 1, mean: 7, p50: 7, p95: 7, p99: 7, max: 7 });
  });

  it('of nothing is nothing', () => {
    expect(summarise([])).toEqual({ count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  });

  it('leaves the values as they were', () => {
    const values = [3, 1, 2];
    summarise(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('a quantile', () => {
  it('is the smallest value that this share does not exceed', () => {
    const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (some, share) => {
        const sorted = [...some].sort((one, other) => one - other);
        const found = quantile(sorted, share);
        const upTo = sorted.filter((value) => value <= found).length;
        const below = sorted.filter((value) => value < found).length;
        expect(upTo).toBeGreaterThanOrEqual(share * sorted.length);
        expect(below).toBeLessThan(share * sorted.length);
      }),
    );
  });
});

describe('a slope', () => {
  it('is that of a straight line, whatever the order of its points', () => {
    const points: Point[] = [
      [2, 11],
      [0, 5],
      [1, 8],
    ];
    expect(slope(points)).toBeCloseTo(3);
  });

  it('is the mean trend of points that scatter', () => {
    expect(
      slope([
        [0, 1],
        [1, -1],
        [2, 5],
        [3, 3],
      ]),
    ).toBeCloseTo(1.2);
  });

  it('of fewer than two different times is none', () => {
    expect(slope([])).toBe(0);
    expect(slope([[1, 5]])).toBe(0);
    expect(
      slope([
        [1, 5],
        [1, 9],
      ]),
    ).toBe(0);
  });
});

describe('growth', () => {
  it('takes what is new from 0 and leaves out what is gone', () => {
    const before = new Map([
      ['old', 5],
      ['gone', 7],
    ]);
    const after = new Map([
      ['old', 8],
      ['new', 2],
    ]);
    expect(growth(before, after)).toEqual(
      new Map([
        ['old', 3],
        ['new', 2],
      ]),
    );
  });
});
