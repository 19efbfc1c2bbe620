import { Random } from '../../src/chaos/random';

const take = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

describe('a random sequence', () => {
  it('is the same again for the same seed, and another for another seed', () => {
    expect(take(new Random(7), 20)).toEqual(take(new Random(7), 20));
    expect(take(new Random(7), 20)).not.toEqual(take(new Random(8), 20));
  });

  it('lies from 0 to below 1, and about evenly', () => {
    const numbers = take(new Random(1), 10_000);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const inTenth = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
      expect(inTenth).toBeGreaterThan(850);
      expect(inTenth).toBeLessThan(1_150);
    }
  });

  it('gives forks that do not depend on what the others take', () => {
    const [one, other] = [new Random(3), new Random(3)];
    take(one.fork(), 100);
    other.fork();
    expect(take(one.fork(), 5)).toEqual(take(other.fork(), 5));
  });

  it('picks in proportion to weights, and never what weighs nothing', () => {
    const random = new Random(5);
    const list = [
      { name: 'rare', weight: 1 },
      { name: 'never', weight: 0 },
      { name: 'often', weight: 9 },
    ];
    const picked = Array.from({ length: 1_000 }, () => random.pickWeighted(list).name);
    expect(picked).not.toContain('never');
    expect(picked.filter((name) => name === 'rare').length).toBeGreaterThan(50);
    expect(picked.filter((name) => name === 'rare').length).toBeLessThan(200);
  });

  it('picks some different ones, and no more than there are', () => {
    const random = new Random(9);
    expect(random.some(['a', 'b', 'c'], 5).sort()).toEqual(['a', 'b', 'c']);
    expect(new Set(random.some(['a', 'b', 'c'], 2)).size).toBe(2);
  });
});
