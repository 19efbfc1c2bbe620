import { endAll } from '../../src/bench/site';
import { benchmark } from './benchmark';

const never = () => new Promise<never>(() => undefined);

describe('What a scenario has made', () => {
  it('is cleaned up when the scenario is done, or has failed', async () => {
    const bench = benchmark();
    const cleanUp = jest.fn(async () => undefined);
    expect(await bench.cleaningUp(cleanUp, async () => 'done')).toBe('done');
    expect(cleanUp).toHaveBeenCalledTimes(1);
    const failing = bench.cleaningUp(cleanUp, () => Promise.reject(new Error('no pgbench')));
    await expect(failing).rejects.toThrow('no pgbench');
    expect(cleanUp).toHaveBeenCalledTimes(2);
  });

  it('is cleaned up when the benchmark is stopped in the middle of it', async () => {
    const bench = benchmark();
    const cleanUp = jest.fn(async () => undefined);
    void bench.cleaningUp(cleanUp, never);
    await bench.stop();
    expect(cleanUp).toHaveBeenCalledTimes(1);
  });

  it('is cleaned up once, though the work ends of it, and though another clean-up fails', async () => {
    const bench = benchmark();
    let endWork: () => void = () => undefined;
    const work = new Promise<void>((resolve) => (endWork = resolve));
    void bench.cleaningUp(() => Promise.reject(new Error('busy')), never);
    const cleanUp = jest.fn(async () => endWork());
    const done = bench.cleaningUp(cleanUp, () => work);
    await bench.stop();
    await done;
    expect(cleanUp).toHaveBeenCalledTimes(1);
  });
});

describe('What is ended together', () => {
  it('is ended to the last, whatever fails before', async () => {
    const fleet = jest.fn(async () => undefined);
    const connection = () => Promise.reject(new Error('connection lost'));
    await expect(endAll([connection, fleet])).rejects.toThrow('connection lost');
    expect(fleet).toHaveBeenCalledTimes(1);
  });
});
