import { join } from 'node:path';
import { freePort } from '../../src/fleet/ports';
import { jetStreamAnswers, watchBroker } from '../../src/infrastructure/broker-watch';
import { startNats } from '../../src/infrastructure/nats';
import type { Exit } from '../../src/infrastructure/server-process';
import { temporaryFolder } from '../temporary-folder';

jest.setTimeout(60_000);

describe('the watch over the broker', () => {
  const folder = temporaryFolder();

  it('kills it at the third answer in a row that is missing, not before', async () => {
    const answers = [true, false, false, true, false, false, false];
    let asked = 0;
    const killedAfter: number[] = [];
    const lines: string[] = [];
    let end: (exit: Exit) => void = () => undefined;
    const exited = new Promise<Exit>((resolve) => (end = resolve));
    await watchBroker({
      server: {
        exited,
        kill: () => {
          killedAfter.push(asked);
          end({ code: null, signal: 'SIGKILL' });
        },
      },
      ask: () => Promise.resolve(answers[asked++] ?? false),
      report: (line) => lines.push(line),
      pauseMs: 0,
    });
    expect(killedAfter).toEqual([7]);
    expect(lines).toEqual(['nats has not answered 3 times in a row; it is killed']);
  });

  it('ends with the broker, and kills nobody then', async () => {
    const kill = jest.fn();
    await watchBroker({
      server: { exited: Promise.resolve({ code: 0, signal: null }), kill },
      ask: () => Promise.resolve(false),
      report: () => undefined,
      pauseMs: 0,
    });
    expect(kill).not.toHaveBeenCalled();
  });

  // Windows has no way to hold a process.
  const whereProcessesCanBeHeld = process.platform === 'win32' ? it.skip : it;

  whereProcessesCanBeHeld('kills a broker that hangs, and no other', async () => {
    const server = await startNats({ storeDir: join(folder, 'nats'), port: await freePort() });
    const heard: boolean[] = [];
    const ask = async () => {
      const answered = await jetStreamAnswers(server.url, heard.includes(true) ? 200 : 30_000);
      // From the first answer on it hangs.
      if (heard.push(answered) === 1) server.kill('SIGSTOP');
      return answered;
    };
    await watchBroker({ server, ask, report: () => undefined, pauseMs: 0 });
    expect(heard).toEqual([true, false, false, false]);
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
