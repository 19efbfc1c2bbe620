/** Numbers that look random and are the same again for the same seed. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** From 0 to below 1. */
  next(): number {
    // A counter with a large odd step, its bits then mixed: any seed is as good as another.
    this.state = (this.state + 0x6d2b79f5) | 0;
    let bits = this.state;
    for (const factor of [0x2c1b3c6d, 0x297a2d39]) bits = Math.imul(bits ^ (bits >>> 15), factor);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** Both ends included. */
  integer(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.next() * list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  /** Picks with a probability in proportion to each one's weight. */
  pickWeighted<T extends { readonly weight: number }>(list: readonly T[]): T {
    let rest = this.next() * list.reduce((sum, { weight }) => sum + weight, 0);
    for (const one of list) {
      rest -= one.weight;
      if (rest < 0) return one;
    }
    return this.pick(list);
  }

  /** A few different ones of a list, in any order. */
  some<T>(list: readonly T[], count: number): T[] {
    const rest = [...list];
    const picked: T[] = [];
    while (picked.length < count && rest.length > 0) {
      picked.push(...rest.splice(Math.floor(this.next() * rest.length), 1));
    }
    return picked;
  }

  /** Another sequence that this one determines, so that two users don't disturb each other's. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
