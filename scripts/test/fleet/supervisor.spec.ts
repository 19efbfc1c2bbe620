import { spawn } from 'node:child_process';
import type { ServerProcess } from '../../src/infrastructure/server-process';
import { endProcess, whenExited } from '../../src/infrastructure/server-process';
import { processIdentity } from '../../src/infrastructure/process-identity';
import { defaultBackOff, nextWait, Supervised } from '../../src/fleet/supervisor';
import { waitFor } from '../wait-for';

const quick = { firstMs: 1, longestMs: 4, soundAfterMs: 60_000 };

/** A process that does nothing but live, or that ends at once with exit code 3. */
async function launch(program = 'setInterval(() => undefined, 1000)'): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
  const exited = whenExited(child);
  return {
    pid: child.pid ?? -1,
    process: child,
    exited,
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    stop: () => endProcess(child, exited, () => child.kill('SIGTERM'), 10_000),
  };
}

describe('a supervised process', () => {
  it('is started again when it is killed, and a line says so', async () => {
    const lines: string[] = [];
    const supervised = new Supervised(
      'kitchen',
      () => launch(),
      { report: (line) => lines.push(line) },
      quick,
    );
    await supervised.start();
    const first = supervised.pid;
    supervised.kill();
    const second = await waitFor(() => (supervised.pid !== first ? supervised.pid : undefined));
    expect(second).not.toBe(first);
    expect(lines).toEqual(['kitchen ended with signal SIGKILL; it is started again in 0.001 s']);
    await supervised.stop();
  });

  it('waits longer each time it ends at once', async () => {
    const waits: string[] = [];
    const report = (line: string) => void waits.push(/in ([\d.]+) s/.exec(line)?.[1] ?? '');
    const supervised = new Supervised('kitchen', () => launch('process.exit(3)'), { report }, quick);
    await supervised.start();
    await waitFor(() => waits.length >= 4);
    await supervised.stop();
    expect(waits.slice(0, 4)).toEqual(['0.001', '0.002', '0.004', '0.004']);
  });

  it('is not started again once it was stopped', async () => {
    const lines: string[] = [];
    const supervised = new Supervised(
      'kitchen',
      () => launch(),
      { report: (line) => lines.push(line) },
      quick,
    );
    await supervised.start();
    const pid = supervised.pid ?? -1;
    await supervised.stop();
    expect(processIdentity(pid)).toBeUndefined();
    expect(supervised.pid).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it('is ended when it is told to stop while it is being launched', async () => {
    const launched: ServerProcess[] = [];
    let go: () => void = () => undefined;
    const gate = new Promise<void>((open) => (go = open));
    const supervised = new Supervised('kitchen', async () => {
      await gate;
      const running = await launch();
      launched.push(running);
      return running;
    });
    const starting = supervised.start();
    const stopping = supervised.stop();
    go();
    await Promise.all([starting, stopping]);
    expect(launched.map(({ pid }) => processIdentity(pid))).toEqual([undefined]);
  });

  it('goes on trying when a new launch fails', async () => {
    let attempts = 0;
    const supervised = new Supervised(
      'kitchen',
      () => {
        attempts += 1;
        return attempts === 2 || attempts === 3 ? Promise.reject(new Error('no room')) : launch();
      },
      {},
      quick,
    );
    await supervised.start();
    supervised.kill();
    await waitFor(() => attempts >= 4 && supervised.pid !== undefined);
    expect(supervised.unexpectedEnds).toBe(3);
    await supervised.stop();
  });
});

describe('the wait before a process is started again', () => {
  it('is half a second at first, doubles up to ten seconds, and begins anew after a sound run', () => {
    const waits = [0, 0, 0, 0, 0, 0, 30_000].reduce<number[]>(
      (before, ranFor) => [...before, nextWait(defaultBackOff, before.at(-1), ranFor)],
      [],
    );
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 500]);
  });
});
