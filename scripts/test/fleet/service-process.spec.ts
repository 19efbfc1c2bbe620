import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchService } from '../../src/fleet/service-process';
import { temporaryFolder } from '../temporary-folder';
import { waitFor } from '../wait-for';

/** Says how it was told to end. */
const listener = `
  process.on('SIGTERM', () => end('signal'));
  process.on('message', (message) => end(message));
  const end = (how) => { console.log('told by ' + how); process.exit(0); };
  setInterval(() => undefined, 1000);
  console.log('up');
`;

describe('the stop of a service', () => {
  const folder = temporaryFolder();
  const entry = join(folder, 'listener.cjs');
  beforeAll(() => writeFileSync(entry, listener));

  it.each([
    { byMessage: false, how: 'signal' },
    { byMessage: true, how: 'shutdown' },
  ])('is asked for in a way that it hears, by message: $byMessage', async ({ byMessage, how }) => {
    const logFile = join(folder, `${how}.log`);
    const log = (): string => readFileSync(logFile, 'utf8');
    const service = await launchService({ entry, cwd: folder, env: {}, logFile, graceMs: 60_000, byMessage });
    await waitFor(() => log() === 'up\n');
    await service.stop();
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(log()).toBe(`up\ntold by ${how}\n`);
  });
});
