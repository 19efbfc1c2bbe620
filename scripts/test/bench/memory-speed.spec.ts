import { cycle, loadLatency } from '../../src/bench/measure/memory-speed';

describe('the speed of memory', () => {
  it.each([2, 3, 1_000])('is found on a ring of all %i places', (count) => {
    const next = cycle(count);
    const seen = new Set<number>();
    for (let place = 0; !seen.has(place); place = next[place] ?? -1) seen.add(place);
    expect(seen.size).toBe(count);
    expect(seen.has(-1)).toBe(false);
  });

  it('is some time for each load', () => {
    expect(loadLatency(16_384)).toBeGreaterThan(0);
  });
});
