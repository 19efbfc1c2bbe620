import { measureSagas, type SagaCount } from '../../src/saga';
import { createMetrics } from '../../src/telemetry';

const NAMES = ['test.OneSaga', 'test.OtherSaga'];

function measured(countOpen: () => Promise<readonly SagaCount[]>) {
  const metrics = createMetrics('test-service');
  measureSagas(metrics, NAMES, countOpen);
  /** What a scrape shows, as `<saga> <state>` and a number. */
  return async (): Promise<Record<string, number>> => {
    const gauge = await metrics.registry.getSingleMetric('ftgo_sagas')?.get();
    const entries = (gauge?.values ?? []).map(({ labels, value }) => [
      `${labels['saga']} ${labels['state']}`,
      value,
    ]);
    return Object.fromEntries(entries) as Record<string, number>;
  };
}

const none = {
  'test.OneSaga RUNNING': 0,
  'test.OneSaga COMPENSATING': 0,
  'test.OneSaga STUCK': 0,
  'test.OtherSaga RUNNING': 0,
  'test.OtherSaga COMPENSATING': 0,
  'test.OtherSaga STUCK': 0,
};

describe('the gauge of the sagas that have not ended', () => {
  it('shows at each scrape how many there are, and 0 where there are none', async () => {
    const counts: SagaCount[][] = [
      [
        { sagaName: 'test.OneSaga', state: 'RUNNING', count: 7 },
        { sagaName: 'test.OtherSaga', state: 'STUCK', count: 1 },
      ],
      [],
    ];
    const scrape = measured(async () => counts.shift() ?? []);
    expect(await scrape()).toEqual({ ...none, 'test.OneSaga RUNNING': 7, 'test.OtherSaga STUCK': 1 });
    expect(await scrape()).toEqual(none);
  });

  it('shows a saga that is not defined here any more for as long as there is one', async () => {
    const old: SagaCount = { sagaName: 'test.OldSaga', state: 'STUCK', count: 2 };
    const counts = [[old], []];
    const scrape = measured(async () => counts.shift() ?? []);
    expect(await scrape()).toEqual({ ...none, 'test.OldSaga STUCK': 2 });
    expect(await scrape()).toEqual(none);
  });

  it('keeps what it counted last while the database does not answer', async () => {
    const answers: (() => Promise<readonly SagaCount[]>)[] = [
      async () => [{ sagaName: 'test.OneSaga', state: 'RUNNING', count: 7 }],
      async () => Promise.reject(new Error('the database is away')),
      () => new Promise(() => undefined),
    ];
    const scrape = measured(() => answers.shift()?.() ?? Promise.resolve([]));
    const seven = { ...none, 'test.OneSaga RUNNING': 7 };
    for (const _time of ['answered', 'refused', 'not answered']) expect(await scrape()).toEqual(seven);
  });
});
