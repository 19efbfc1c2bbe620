import { startLoadedSite, type LoadedSite } from '../../src/bench/site';
import { benchmark } from './benchmark';

jest.mock('../../src/bench/site');

/** How often each fleet was ended, in the order in which they were started. */
let ends: number[] = [];
beforeEach(() => {
  ends = [];
  jest.mocked(startLoadedSite).mockImplementation(async () => {
    const index = ends.push(0) - 1;
    const stop = async () => {
      ends[index] = (ends[index] ?? 0) + 1;
    };
    return { stop } as LoadedSite;
  });
});

describe('The fleets of a benchmark', () => {
  it('are one for all scenarios that share it', async () => {
    const bench = benchmark();
    expect(await bench.sharedSite()).toBe(await bench.sharedSite());
    expect(ends).toEqual([0]);
  });

  it('are a new one for each that needs its own, and the one before is ended', async () => {
    const bench = benchmark();
    await bench.sharedSite();
    const first = await bench.ownSite();
    expect(await bench.ownSite()).not.toBe(first);
    expect(ends).toEqual([1, 1, 0]);
  });

  it('are a new one to share after one that a scenario had to itself', async () => {
    const bench = benchmark();
    const own = await bench.ownSite();
    expect(await bench.sharedSite()).not.toBe(own);
    expect(ends).toEqual([1, 0]);
  });
});
