import { measureDeadLetters, messageMetrics } from '../../src/messaging';
import { reasonFor } from '../../src/messaging/dead-letters';
import { createMetrics } from '../../src/telemetry';

describe('the gauge of dead letters', () => {
  const scraped = async (count: () => Promise<number>): Promise<() => Promise<string | undefined>> => {
    const metrics = createMetrics('test-service');
    messageMetrics(metrics);
    measureDeadLetters(metrics, count);
    return async () => /^ftgo_dead_letters\{.*\} (.*)$/m.exec(await metrics.registry.metrics())?.[1];
  };

  it('says how many wait when it is scraped', async () => {
    let waiting = 0;
    const gauge = await scraped(async () => waiting);
    expect(await gauge()).toBe('0');
    waiting = 3;
    expect(await gauge()).toBe('3');
    waiting = 1;
    expect(await gauge()).toBe('1');
  });

  it('is 0 before it could be counted, and keeps what it was when it can not be counted any more', async () => {
    const counts = [
      Promise.reject(new Error('not migrated')),
      Promise.resolve(2),
      Promise.reject(new Error('away')),
    ];
    for (const count of counts) count.catch(() => undefined);
    const gauge = await scraped(() => counts.shift() ?? Promise.reject(new Error('no more')));
    expect(await gauge()).toBe('0');
    expect(await gauge()).toBe('2');
    expect(await gauge()).toBe('2');
  });

  it('does not have the other metrics wait for a database that does not answer, nor asks it twice', async () => {
    let asked = 0;
    const gauge = await scraped(() => {
      asked += 1;
      return new Promise(() => undefined);
    });
    expect(await gauge()).toBe('0');
    expect(await gauge()).toBe('0');
    expect(asked).toBe(1);
  });
});

describe('the reason of a dead letter', () => {
  it('is the error’s message and those of its causes', () => {
    const cause = new TypeError('no gas', { cause: { code: 7 } });
    expect(reasonFor(new Error('cold', { cause }))).toBe(
      'cold\ncaused by TypeError: no gas\ncaused by { code: 7 }',
    );
    expect(reasonFor('thrown as it is')).toBe('thrown as it is');
  });

  it('comes to an end though causes go round in a circle', () => {
    const [one, other] = [new Error('one'), new Error('other')];
    one.cause = other;
    other.cause = one;
    expect(reasonFor(one).split('\n').length).toBeLessThan(20);
  });
});
