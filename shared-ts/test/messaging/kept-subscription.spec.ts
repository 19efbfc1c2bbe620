import { keepSubscribed, type Pull } from '../../src/messaging/kept-subscription';
import { createLogger } from '../../src/telemetry';
import { eventually } from '../../src/testing';

/** A pull that a test can end. */
function pull(): Pull & { end(reason?: unknown): void; readonly isClosed: boolean } {
  let end: (reason?: unknown) => void = () => undefined;
  const closed = new Promise<unknown>((resolve) => (end = resolve));
  let isClosed = false;
  return {
    closed: () => closed,
    close: async () => {
      isClosed = true;
      end();
    },
    end: (reason) => end(reason),
    get isClosed() {
      return isClosed;
    },
  };
}

/** A subscription whose attempts the test answers, with what it logged and how often it paused. */
async function subscribed(pause = 0) {
  const attempts: PromiseWithResolvers<Pull>[] = [];
  const lines: { level: string; msg: string; err?: { message: string } }[] = [];
  const pauses = { made: 0, resets: 0 };
  const state = { over: false };
  const first = pull();
  const make = (): Promise<Pull> => {
    const attempt = withResolvers<Pull>();
    attempts.push(attempt);
    return attempt.promise;
  };
  const subscribing = keepSubscribed(
    make,
    () => state.over,
    createLogger({
      serviceId: 'test-service',
      environment: 'production',
      level: 'info',
      destination: { write: (line) => void lines.push(JSON.parse(line)) },
    }),
    { next: () => ((pauses.made += 1), pause), reset: () => void (pauses.resets += 1) },
  );
  attempts[0]?.resolve(first);
  /** Waits until it is tried the given time, counted from 0. */
  const attempt = async (index: number) => {
    await eventually(() => expect(attempts.length).toBeGreaterThan(index));
    return attempts[index];
  };
  const warnings = () => lines.filter(({ level }) => level === 'warn');
  return { subscription: await subscribing, first, attempt, attempts, lines, warnings, pauses, state };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve: (value) => resolve(value), reject: (reason) => reject(reason) };
}

const missing = () => new Error('stream not found');

describe('A kept subscription', () => {
  it('throws what keeps it from being made the first time', async () => {
    const make = () => Promise.reject(missing());
    const logger = createLogger({ serviceId: 'test-service', environment: 'production', level: 'silent' });
    await expect(keepSubscribed(make, () => false, logger)).rejects.toThrow('stream not found');
  });

  it('is made again when it ended, without a warning when that succeeds at once', async () => {
    const { subscription, first, attempt, warnings } = await subscribed();
    const second = pull();
    first.end();
    (await attempt(1))?.resolve(second);
    await subscription.stop();
    expect(second.isClosed).toBe(true);
    expect(warnings()).toEqual([]);
  });

  it('warns once while it is missing, and says when it is back', async () => {
    const { subscription, first, attempt, lines, warnings, pauses } = await subscribed();
    first.end();
    for (const index of [1, 2, 3]) (await attempt(index))?.reject(missing());
    (await attempt(4))?.resolve(pull());
    await eventually(() => expect(lines.at(-1)?.msg).toBe('the subscription is there again'));
    expect(warnings()).toMatchObject([{ err: { message: 'stream not found' } }]);
    expect(pauses.made).toBe(3);
    await subscription.stop();
  });

  it('says that it is down from its end until it is there again', async () => {
    const { subscription, first, attempt } = await subscribed();
    expect(subscription.down).toBe(false);
    first.end();
    (await attempt(1))?.reject(missing());
    const making = await attempt(2);
    expect(subscription.down).toBe(true);
    making?.resolve(pull());
    await eventually(() => expect(subscription.down).toBe(false));
    await subscription.stop();
  });

  it('warns again of the next outage, with short pauses first', async () => {
    const { subscription, first, attempt, warnings, pauses } = await subscribed();
    const second = pull();
    first.end();
    (await attempt(1))?.reject(missing());
    (await attempt(2))?.resolve(second);
    second.end();
    (await attempt(3))?.reject(missing());
    (await attempt(4))?.resolve(pull());
    await subscription.stop();
    expect(warnings()).toHaveLength(2);
    expect(pauses.resets).toBe(2);
  });

  it('stops in the middle of a pause', async () => {
    const { subscription, first, attempt, attempts, pauses } = await subscribed(2_147_483_647);
    first.end();
    (await attempt(1))?.reject(missing());
    await eventually(() => expect(pauses.made).toBe(1));
    await subscription.stop();
    expect(attempts).toHaveLength(2);
  });

  it('closes what was being made when it was stopped', async () => {
    const { subscription, first, attempt } = await subscribed();
    const second = pull();
    first.end();
    const making = await attempt(1);
    const stopped = subscription.stop();
    making?.resolve(second);
    await stopped;
    expect(second.isClosed).toBe(true);
  });

  it('gives up when the connection is closed for good', async () => {
    const { subscription, first, attempt, attempts, state } = await subscribed();
    first.end();
    const making = await attempt(1);
    state.over = true;
    making?.reject(new Error('the connection is closed'));
    await subscription.stop();
    expect(attempts).toHaveLength(2);
  });
});
