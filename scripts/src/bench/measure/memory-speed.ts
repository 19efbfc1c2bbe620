/** What a processor fetches at once, in bytes, almost everywhere. */
const LINE = 64;
const WORD = Int32Array.BYTES_PER_ELEMENT;
/** So many loads are timed. */
const STEPS = 300_000;

/**
 * How long a load takes that needs the one before it, in nanoseconds, from so many bytes: what they have room in (a core's own cache, one that is shared, memory) is
 * what it is fetched from. On a machine with neighbours it tells how much of the shared cache they leave.
 */
export function loadLatency(bytes: number): number {
  const lines = cycle(Math.max(2, Math.floor(bytes / LINE)));
  const memory = new Int32Array(lines.length * (LINE / WORD));
  lines.forEach((next, line) => (memory[line * (LINE / WORD)] = next * (LINE / WORD)));
  const follow = (from: number): number => {
    let place = from;
    for (let step = 0; step < STEPS; step++) place = memory[place] ?? 0;
    return place;
  };
  // The first time is V8's, and the caches'.
  const place = follow(0);
  const started = process.hrtime.bigint();
  follow(place);
  return Number(process.hrtime.bigint() - started) / STEPS;
}

/** For each of so many places the next one, by chance, so that no processor guesses it: one ring of all (Sattolo's algorithm). */
export function cycle(count: number): Int32Array {
  const next = Int32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * index);
    [next[index], next[other]] = [next[other] ?? 0, next[index] ?? 0];
  }
  return next;
}
