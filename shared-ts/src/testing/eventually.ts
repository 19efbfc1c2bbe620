import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until an assertion holds, looking again and again; the test runner's own time limit ends what never comes true.
 * @param deadline milliseconds after which the assertion's last error is thrown, generous because machines are noisy
 */
export async function eventually<T>(assertion: () => Promise<T> | T, deadline = 60_000): Promise<T> {
  const end = Date.now() + deadline;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > end) throw error;
      await pause(20);
    }
  }
}
