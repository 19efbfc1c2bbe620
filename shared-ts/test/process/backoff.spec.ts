import { backoff, retryForever, sleep } from '../../src/process';

const noPause = () => ({ next: () => 0, reset: () => undefined });

describe('The back-off', () => {
  it('grows by its factor up to its maximum', () => {
    const pauses = backoff({ initial: 100, max: 500, factor: 2, jitter: 0 });
    expect([pauses.next(), pauses.next(), pauses.next(), pauses.next(), pauses.next()]).toEqual([
      100, 200, 400, 500, 500,
    ]);
  });

  it('leaves a part of each pause to chance', () => {
    const shortest = backoff({ initial: 100, jitter: 0.5, random: () => 1 });
    const longest = backoff({ initial: 100, jitter: 0.5, random: () => 0 });
    expect([shortest.next(), shortest.next()]).toEqual([50, 100]);
    expect([longest.next(), longest.next()]).toEqual([100, 200]);
  });

  it('starts over after a success', () => {
    const pauses = backoff({ initial: 100, jitter: 0 });
    pauses.next();
    pauses.next();
    pauses.reset();
    expect(pauses.next()).toBe(100);
  });
});

describe('A sleep', () => {
  it('ends', async () => {
    await expect(sleep(0)).resolves.toBeUndefined();
  });

  it('is broken off with the reason of the signal', async () => {
    const stop = new AbortController();
    const sleeping = sleep(2_147_483_647, stop.signal);
    stop.abort(new Error('shutting down'));
    await expect(sleeping).rejects.toThrow('shutting down');
  });

  it('does not begin once the signal is aborted', async () => {
    await expect(sleep(2_147_483_647, AbortSignal.abort(new Error('shutting down')))).rejects.toThrow(
      'shutting down',
    );
  });
});

describe('Retrying', () => {
  it('goes on until an attempt succeeds, and tells of each failure', async () => {
    const failures: string[] = [];
    let count = 0;
    const result = await retryForever(
      async () => {
        count += 1;
        if (count < 3) throw new Error(`failure ${count}`);
        return 'done';
      },
      { backoff: noPause(), onFailure: (error, attempt) => failures.push(`${attempt}: ${String(error)}`) },
    );
    expect(result).toBe('done');
    expect(failures).toEqual(['1: Error: failure 1', '2: Error: failure 2']);
  });

  it('stops at a failure that no other attempt can mend', async () => {
    const attempt = jest.fn().mockRejectedValue(new Error('wrong password'));
    await expect(retryForever(attempt, { backoff: noPause(), isRetryable: () => false })).rejects.toThrow(
      'wrong password',
    );
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const retrying = retryForever(() => Promise.reject(new Error('not there')), {
      signal: stop.signal,
      backoff: backoff({ initial: 2_147_483_647, max: 2_147_483_647, jitter: 0 }),
      onFailure: () => stop.abort(new Error('shutting down')),
    });
    await expect(retrying).rejects.toThrow('shutting down');
  });
});
