import { conflict } from '../../src/domain';
import { newId } from '../../src/ids';
import type { IdempotencyClaim } from '../../src/messaging';
import { eachStore, testContext } from '../../src/testing';
import { added, bothAdapters } from '../unit-of-work/test-ports';

const claim = (overrides: Partial<IdempotencyClaim> = {}): IdempotencyClaim => ({
  scope: 'POST /api/orders',
  key: newId(),
  fingerprint: 'body',
  ...overrides,
});

eachStore(bothAdapters, (transactor) => {
  /** A request that adds one to a tally and answers with the total. */
  const request = (tallyId: string, idempotency?: IdempotencyClaim): Promise<{ total: number }> =>
    transactor().execute(
      testContext(),
      async ({ tallies }) => ({ total: (await tallies.update(tallyId, () => [added(1)])).state.total }),
      { idempotency },
    );

  it('gives the same key with the same body the first answer, and does nothing again', async () => {
    const [id, key] = [newId(), claim()];
    expect(await request(id, key)).toEqual({ total: 1 });
    expect(await request(id)).toEqual({ total: 2 });
    expect(await request(id, key)).toEqual({ total: 1 });
    expect(await request(id)).toEqual({ total: 3 });
  });

  it('rejects the same key with another body, and does nothing', async () => {
    const [id, key] = [newId(), claim()];
    await request(id, key);
    await expect(request(id, { ...key, fingerprint: 'another body' })).rejects.toMatchObject({
      kind: 'unprocessable',
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(await request(id)).toEqual({ total: 2 });
  });

  it('lets the same key stand for different things on different routes', async () => {
    const [id, key] = [newId(), claim()];
    await request(id, key);
    expect(await request(id, { ...key, scope: 'POST /api/consumers' })).toEqual({ total: 2 });
  });

  it('frees the key of a request that was rejected', async () => {
    const [id, key] = [newId(), claim()];
    const rejected = transactor().execute(
      testContext(),
      () => Promise.reject(conflict('NOT_NOW', 'Not now.')),
      { idempotency: key },
    );
    await expect(rejected).rejects.toThrow('Not now.');
    expect(await request(id, key)).toEqual({ total: 1 });
  });

  it('remembers a request that has nothing to answer', async () => {
    const [id, key] = [newId(), claim()];
    const silent = () =>
      transactor().execute(
        testContext(),
        async ({ tallies }): Promise<void> => void (await tallies.update(id, () => [added(1)])),
        { idempotency: key },
      );
    await silent();
    await silent();
    expect(await request(id)).toEqual({ total: 2 });
  });

  it('gives twenty simultaneous requests with one key one effect and one answer', async () => {
    const [id, key] = [newId(), claim()];
    const answers = await Promise.all(Array.from({ length: 20 }, () => request(id, key)));
    expect(answers).toEqual(Array.from({ length: 20 }, () => ({ total: 1 })));
    expect(await request(id)).toEqual({ total: 2 });
  });

  it('lets one of the waiting requests act when the first one fails', async () => {
    const [id, key] = [newId(), claim()];
    let failed = false;
    const attempt = () =>
      transactor().execute(
        testContext(),
        async ({ tallies }) => {
          const { state } = await tallies.update(id, () => [added(1)]);
          if (!failed) {
            failed = true;
            throw new Error('crashed');
          }
          return { total: state.total };
        },
        { idempotency: key },
      );
    const results = await Promise.allSettled(Array.from({ length: 5 }, attempt));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'fulfilled') expect(result.value).toEqual({ total: 1 });
    expect(await request(id)).toEqual({ total: 2 });
  });
});
