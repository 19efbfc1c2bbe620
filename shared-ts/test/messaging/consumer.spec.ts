import { notFound } from '../../src/domain';
import { ConcurrencyConflict } from '../../src/event-sourcing';
import { newId } from '../../src/ids';
import { NotYetKnown, onCommand, subjectOf } from '../../src/messaging';
import { eachStore, MessageDriver, repliesIn, testContext } from '../../src/testing';
import { added, bothAdapters, type TestPorts } from '../unit-of-work/test-ports';
import { Add, addToTally, ConsumerHarness, gate, Happened, happened, onHappened } from './consumer-harness';

eachStore(bothAdapters, (transactor) => {
  let driver: MessageDriver<TestPorts>;
  const known = new Set<string>();
  beforeEach(async () => {
    const patient = onCommand<TestPorts, typeof Later>(
      Later,
      async ({ tallies }, { payload: { tallyId } }) => {
        if (!known.has(tallyId)) throw new NotYetKnown(notFound('restaurant', tallyId));
        await tallies.update(tallyId, () => [added(1)]);
      },
    );
    driver = new MessageDriver('test-service', transactor(), [addToTally, patient]);
    await driver.start();
  });
  afterEach(() => driver.stop());
  const Later = { ...Add, name: 'testapi.Later' };

  const total = (id: string): Promise<number> =>
    transactor().execute(testContext(), async ({ tallies }) => (await tallies.load(id)).state.total);
  const repliesTo = async (id: string) =>
    repliesIn(await transactor().execute(testContext(), (ports) => ports.outboxRows())).filter(
      ({ inReplyTo }) => inReplyTo === id,
    );

  it('has one effect however often a command comes, and answers each time the same', async () => {
    const [tallyId, id] = [newId(), newId()];
    for (const deliveryCount of [1, 1, 2, 3])
      expect(await driver.command(Add, { tallyId, amount: 1 }, { id, deliveryCount })).toBe('acknowledged');
    expect(await total(tallyId)).toBe(1);
    const reply = { name: 'msg.Success', outcome: 'SUCCESS', inReplyTo: id, payload: {} };
    expect(await repliesTo(id)).toEqual([reply, reply, reply, reply]);
  });

  it('has one effect and one answer when a command stands in a batch twice', async () => {
    const [tallyId, id] = [newId(), newId()];
    const twice = [1, 2].map(() => driver.command(Add, { tallyId, amount: 1 }, { id }));
    expect(await Promise.all(twice)).toEqual(['acknowledged', 'acknowledged']);
    expect(await total(tallyId)).toBe(1);
    expect(await repliesTo(id)).toHaveLength(1);
  });

  it('handles the other messages of a batch together in which one was handled before, and answers that again', async () => {
    const [before, one, other] = [newId(), newId(), newId()];
    const repeated = { id: newId() };
    await driver.command(Add, { tallyId: before, amount: 1 }, repeated);
    const settlements = await Promise.all([
      driver.command(Add, { tallyId: one, amount: 1 }),
      driver.command(Add, { tallyId: before, amount: 1 }, repeated),
      driver.command(Add, { tallyId: other, amount: 1 }),
    ]);
    expect(settlements).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
    expect(await Promise.all([before, one, other].map(total))).toEqual([1, 1, 1]);
    expect(await repliesTo(repeated.id)).toHaveLength(2);
  });

  it('handles the other messages of a batch in which one is poison', async () => {
    const tallyIds = Array.from({ length: 10 }, () => newId());
    const settlements = await Promise.all(
      tallyIds.map((tallyId, index) => driver.command(Add, { tallyId, amount: index === 4 ? -1 : 1 })),
    );
    expect(settlements).toEqual(tallyIds.map((_, index) => (index === 4 ? 'sent back' : 'acknowledged')));
    expect(await Promise.all(tallyIds.map(total))).toEqual(tallyIds.map((_, index) => (index === 4 ? 0 : 1)));
  });

  it('sets poison aside at its fifth try, with its error, and answers nothing', async () => {
    const [tallyId, id] = [newId(), newId()];
    const settlements: string[] = [];
    for (const deliveryCount of [1, 2, 3, 4, 5])
      settlements.push(await driver.command(Add, { tallyId, amount: -1 }, { id, deliveryCount }));
    expect(settlements).toEqual(['sent back', 'sent back', 'sent back', 'sent back', 'set aside']);
    expect(driver.deadLetters).toMatchObject([
      { consumer: 'test-service', messageId: id, subject: 'ftgo.testservice', error: 'poison', attempts: 5 },
    ]);
    expect(await total(tallyId)).toBe(0);
    expect(await repliesTo(id)).toEqual([]);
  });

  it('sets aside at once what can not be read, and keeps it as it came', async () => {
    const garbage = { 'ce-messagekind': 'event', 'ce-id': '' };
    expect(await driver.raw('ftgo.testservice', garbage, Buffer.from('one'))).toBe('set aside');
    expect(await driver.raw('ftgo.testservice', garbage, Buffer.from('two'))).toBe('set aside');
    expect(driver.deadLetters).toMatchObject([
      {
        messageId: 'ftgo.testservice#1',
        payload: Buffer.from('one'),
        headers: garbage,
        attempts: 1,
        streamSequence: 1,
      },
      { messageId: 'ftgo.testservice#2', payload: Buffer.from('two'), attempts: 1 },
    ]);
  });

  it('sets aside at once a command whose payload has another shape', async () => {
    const malformed = { tallyId: 7 } as unknown as { tallyId: string; amount: number };
    expect(await driver.command(Add, malformed)).toBe('set aside');
    expect(driver.deadLetters).toMatchObject([{ attempts: 1 }]);
    expect(driver.deadLetters[0]?.error).toMatch(/the payload is no testapi\.Add/);
  });

  it('sets aside a command that nobody handles, and is done with an event that nobody listens to', async () => {
    expect(await driver.command({ ...Add, name: 'testapi.Unheard' }, { tallyId: newId(), amount: 1 })).toBe(
      'set aside',
    );
    expect(driver.deadLetters[0]?.error).toBe('nobody here handles testapi.Unheard');
    expect(await driver.event(Happened, { id: newId(), version: 1 }, { label: 'x' })).toBe('acknowledged');
    expect(driver.deadLetters).toHaveLength(1);
  });

  it('has a message wait for what is on its way, and handles it when that has come', async () => {
    const [tallyId, id] = [newId(), newId()];
    expect(await driver.command(Later, { tallyId, amount: 1 }, { id })).toBe('sent back');
    expect(await driver.command(Later, { tallyId, amount: 1 }, { id, deliveryCount: 2 })).toBe('sent back');
    known.add(tallyId);
    expect(await driver.command(Later, { tallyId, amount: 1 }, { id, deliveryCount: 3 })).toBe(
      'acknowledged',
    );
    expect(await total(tallyId)).toBe(1);
    expect(await repliesTo(id)).toMatchObject([{ outcome: 'SUCCESS' }]);
  });

  it('answers a failure when what a command waits for does not come', async () => {
    const [tallyId, id] = [newId(), newId()];
    const settlements: string[] = [];
    for (const deliveryCount of [1, 2, 3, 4, 5])
      settlements.push(await driver.command(Later, { tallyId, amount: 1 }, { id, deliveryCount }));
    expect(settlements).toEqual(['sent back', 'sent back', 'sent back', 'sent back', 'acknowledged']);
    expect(await repliesTo(id)).toMatchObject([
      { outcome: 'FAILURE', payload: { reason: 'RESTAURANT_NOT_FOUND' } },
    ]);
    expect(driver.deadLetters).toEqual([]);
  });

  it('handles what comes while it works', async () => {
    const tallyId = newId();
    for (let n = 0; n < 50; n++) await driver.command(Add, { tallyId, amount: 1 });
    expect(await total(tallyId)).toBe(50);
  });
});

describe('a batch', () => {
  it('handles the messages of one key in their order', async () => {
    const heard: string[] = [];
    const harness = new ConsumerHarness([
      onHappened(async (_ports, { payload }) => {
        // The earlier a message, the longer it takes.
        for (let turn = Number(payload.label); turn < 5; turn++) await new Promise(setImmediate);
        heard.push(payload.label);
      }),
    ]);
    await harness.consumer.start();
    await harness.arrive(...['0', '1', '2', '3', '4'].map((label) => happened(label)));
    expect(heard).toEqual(['0', '1', '2', '3', '4']);
  });

  it('handles messages of different keys side by side', async () => {
    const { opened, open } = gate();
    const harness = new ConsumerHarness([
      onHappened(async (_ports, { payload }) => {
        if (payload.label === 'waits') await opened;
        else open();
      }),
    ]);
    await harness.consumer.start();
    const settled = await harness.arrive(happened('waits', { key: 'a' }), happened('opens', { key: 'b' }));
    expect(settled).toEqual(['ack', 'ack']);
  });

  it('runs what was delivered before alone, after the others', async () => {
    const heard: string[] = [];
    const harness = new ConsumerHarness([
      onHappened(async (_ports, { payload }) => void heard.push(payload.label)),
    ]);
    await harness.consumer.start();
    await harness.arrive(happened('again', { deliveryCount: 2 }), happened('first', { key: 'b' }));
    expect(heard).toEqual(['first', 'again']);
  });

  it('is asked about at once where the one before had messages that were handled before, until one has none', async () => {
    const harness = new ConsumerHarness([onHappened(async () => undefined)]);
    await harness.consumer.start();
    const before = happened('before');
    const transactionsOf = async (label: string, headers = happened(label).headers): Promise<number> => {
      const { transactions } = harness;
      await harness.arrive(happened(label, { headers }));
      return harness.transactions - transactions;
    };
    expect(await transactionsOf('before', before.headers)).toBe(1);
    // Taken for new, and asked about; the next one is only asked about, and so is the first of the new ones.
    expect(await transactionsOf('before', before.headers)).toBe(2);
    expect(await transactionsOf('before', before.headers)).toBe(1);
    expect(await transactionsOf('new')).toBe(1);
    expect(await transactionsOf('before', before.headers)).toBe(2);
  });

  it('acknowledges nothing before the commit', async () => {
    const { opened, open } = gate();
    const harness = new ConsumerHarness([onHappened(() => opened)]);
    await harness.consumer.start();
    const delivery = happened('x');
    const arrival = harness.arrive(delivery);
    await new Promise(setImmediate);
    expect(delivery.calls).toEqual([]);
    open();
    expect(await arrival).toEqual(['ack']);
  });
});

describe('while the database is away', () => {
  const away = () => Object.assign(new Error('the database is away'), { code: 'ECONNREFUSED' });

  it('messages wait, and nothing counts as a try', async () => {
    const heard: string[] = [];
    const harness = new ConsumerHarness([
      onHappened(async (_ports, { payload }) => void heard.push(payload.label)),
    ]);
    await harness.consumer.start();
    // The batch, then the message alone, twice.
    harness.failures.push(away(), away(), away());
    const deliveries = [happened('one'), happened('two')];
    expect(await harness.arrive(...deliveries)).toEqual(['ack', 'ack']);
    expect(heard).toEqual(['one', 'two']);
    expect(harness.deadLetters).toEqual([]);
    expect(harness.countedAttempts).toBe(0);
  });

  it('one that was delivered before is counted once, however long it waits', async () => {
    const harness = new ConsumerHarness([onHappened(async () => undefined)]);
    await harness.consumer.start();
    harness.failures.push(away(), away());
    expect(await harness.arrive(happened('x', { deliveryCount: 2 }))).toEqual(['ack']);
    expect(harness.countedAttempts).toBe(1);
  });

  it('what can not be set aside is asked for again later', async () => {
    const harness = new ConsumerHarness([onHappened(async () => undefined)]);
    await harness.consumer.start();
    harness.deadLettersFail = away();
    expect(await harness.arrive(happened('x', { headers: [] }))).toEqual(['nak 30000']);
  });
});

describe('the broker', () => {
  afterEach(() => jest.useRealTimers());

  it('hears of every message that is at work or waits for its turn', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const { opened, open } = gate();
    const harness = new ConsumerHarness([onHappened(() => opened)]);
    await harness.consumer.start();
    const [atWork, waiting] = [happened('at work'), happened('waiting')];
    const first = harness.arrive(atWork);
    await new Promise(setImmediate);
    const second = harness.arrive(waiting);
    jest.advanceTimersByTime(25_000);
    expect([atWork.calls, waiting.calls]).toEqual([
      ['working', 'working'],
      ['working', 'working'],
    ]);
    open();
    expect([...(await first), ...(await second)]).toEqual(['ack', 'ack']);
    await harness.consumer.stop();
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a message that fails', () => {
  it('is decided again at once when another writer was faster', async () => {
    let tries = 0;
    const harness = new ConsumerHarness([
      onHappened(async () => {
        tries += 1;
        if (tries <= 5) throw new ConcurrencyConflict('too slow');
      }),
    ]);
    await harness.consumer.start();
    expect(await harness.arrive(happened('x'))).toEqual(['ack']);
    expect(tries).toBe(6);
  });

  it('waits longer each time', async () => {
    const harness = new ConsumerHarness([onHappened(() => Promise.reject(new Error('broken')))]);
    await harness.consumer.start();
    const settled: string[] = [];
    for (const deliveryCount of [1, 2, 3, 4, 20])
      settled.push(...(await harness.arrive(happened('x', { deliveryCount }))));
    expect(settled).toEqual(['nak 200', 'nak 400', 'nak 800', 'nak 1600', 'nak 30000']);
  });

  it('is told from one that only comes too early', async () => {
    const failures = [new Error('poison'), new NotYetKnown(notFound('thing', '1'))];
    const harness = new ConsumerHarness([
      onHappened(async () => {
        throw failures[0] ?? new Error('nothing is left to fail');
      }),
    ]);
    await harness.consumer.start();
    const outcomes = async (): Promise<unknown[]> =>
      (await harness.metrics.messageHandlingDuration.get()).values
        .filter(({ metricName }) => metricName?.endsWith('_count'))
        .map(({ labels, value }) => [labels.outcome, value]);
    await harness.arrive(happened('poison'));
    failures.shift();
    await harness.arrive(happened('early'));
    expect(await outcomes()).toEqual([
      ['fault', 1],
      ['not_yet_known', 1],
    ]);
  });

  it('is set aside without a further try when it has ended the process each time', async () => {
    const handle = jest.fn();
    const harness = new ConsumerHarness([onHappened(handle)]);
    await harness.consumer.start();
    harness.attemptsSoFar = 4;
    expect(await harness.arrive(happened('x', { deliveryCount: 6 }))).toEqual(['ack']);
    expect(harness.deadLetters).toMatchObject([{ attempts: 5, error: 'it ended the process each time' }]);
    expect(handle).not.toHaveBeenCalled();
  });

  it('by a rejection that nobody waits for is set aside at once', async () => {
    const harness = new ConsumerHarness([onHappened(() => Promise.reject(notFound('thing', 't1')))]);
    await harness.consumer.start();
    await harness.arrive(happened('x'));
    expect(harness.deadLetters).toMatchObject([{ attempts: 1, error: 'There is no thing t1.' }]);
  });
});

describe('a consumer', () => {
  it('has one durable subscription a channel', async () => {
    const harness = new ConsumerHarness([], ['testservice', 'orderservice.*.reply']);
    await harness.consumer.start();
    expect(harness.subscribed).toEqual(['test-service_testservice', 'test-service_orderservice_any_reply']);
    expect(subjectOf('orderservice.*.reply')).toBe('ftgo.orderservice.*.reply');
  });

  it('that could not subscribe to everything goes on where it was when it is started again', async () => {
    const harness = new ConsumerHarness([], ['one', 'two', 'three']);
    const start = harness.consumer.start();
    harness.subscriptionFailures.push(new Error('not yet'));
    await expect(start).rejects.toThrow('not yet');
    await harness.consumer.start();
    expect(harness.subscribed).toEqual(['test-service_one', 'test-service_two', 'test-service_three']);
  });

  it('says which channels it has no subscription to, at its start and later', async () => {
    const harness = new ConsumerHarness([], ['one', 'two', 'three']);
    const { consumer, down, subscriptionFailures } = harness;
    expect(consumer.missingChannels()).toEqual(['one', 'two', 'three']);
    const start = consumer.start();
    subscriptionFailures.push(new Error('not yet'));
    await expect(start).rejects.toThrow('not yet');
    expect(consumer.missingChannels()).toEqual(['two', 'three']);
    await consumer.start();
    expect(consumer.missingChannels()).toEqual([]);
    down.add('test-service_two');
    expect(consumer.missingChannels()).toEqual(['two']);
    down.clear();
    expect(consumer.missingChannels()).toEqual([]);
  });

  it('takes a message that comes at whatever moment of the end of a batch', async () => {
    const harness = new ConsumerHarness([onHappened(async () => undefined)]);
    await harness.consumer.start();
    for (let ticks = 0; ticks < 30; ticks++) {
      const next = happened('next');
      const comesAfter = async (): Promise<void> => {
        for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
        await harness.arrive(next);
      };
      void harness.arrive(happened('last', { ack: () => void comesAfter() }));
      expect(await next.settled).toBe('ack');
    }
  });

  it('finishes the batch under way when it stops, and gives back what only waited', async () => {
    const { opened, open } = gate();
    const harness = new ConsumerHarness([onHappened(() => opened)]);
    await harness.consumer.start();
    const [atWork, waiting, late] = [happened('at work'), happened('waiting'), happened('late')];
    const first = harness.arrive(atWork);
    await new Promise(setImmediate);
    const second = harness.arrive(waiting);
    const stopped = harness.consumer.stop();
    expect(await second).toEqual(['nak']);
    expect(await harness.arrive(late)).toEqual(['nak']);
    expect(atWork.calls).toEqual([]);
    open();
    await stopped;
    expect(await first).toEqual(['ack']);
  });
});
