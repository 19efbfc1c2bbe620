import { join } from 'node:path';
import { launchNats } from '../../src/fleet/infrastructure-launchers';
import { freePort } from '../../src/fleet/ports';
import { findNatsServer } from '../../src/infrastructure/nats-binary';
import { temporaryFolder } from '../temporary-folder';

jest.setTimeout(60_000);

describe('a launched broker', () => {
  const folder = temporaryFolder();

  it('is watched: it is killed when nobody answers where the fleet expects it', async () => {
    const place = {
      folder: join(folder, 'nats'),
      logFile: join(folder, 'nats.log'),
      noteStart: () => undefined,
    };
    const nobody = `nats://127.0.0.1:${await freePort()}`;
    const lines: string[] = [];
    const server = await launchNats({ ...place, port: await freePort() }, {}, await findNatsServer(), {
      url: nobody,
      report: (line) => lines.push(line),
      pauseMs: 0,
    });
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(lines).toEqual(['nats has not answered 3 times in a row; it is killed']);
  });
});
