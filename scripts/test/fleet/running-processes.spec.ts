import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunningProcesses } from '../../src/fleet/running-processes';
import { processIdentity } from '../../src/infrastructure/process-identity';
import { temporaryFolder } from '../temporary-folder';

/** A process that only lives, and ends in its own way when it is told to. */
function alive(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  child.unref();
  return child.pid ?? -1;
}

describe('the note of what runs', () => {
  const folder = temporaryFolder();
  let files = 0;
  const newFile = () => join(folder, `pids-${(files += 1)}.json`);

  it('lets the next launcher end what a killed one has left', async () => {
    const file = newFile();
    const pids = { 'order-service': alive(), nats: alive(), postgres: alive() };
    new RunningProcesses(file).note(pids);
    expect(await new RunningProcesses(file).endLeftovers()).toEqual(['order-service', 'nats', 'postgres']);
    expect(Object.values(pids).map(processIdentity)).toEqual([undefined, undefined, undefined]);
  });

  it('spares a process that has got the pid of one that ended', async () => {
    const file = newFile();
    const pid = alive();
    new RunningProcesses(file).note({ 'order-service': pid });
    const note = readFileSync(file, 'utf8');
    writeFileSync(file, note.replaceAll(processIdentity(pid) ?? 'none', 'an earlier process'));
    expect(await new RunningProcesses(file).endLeftovers()).toEqual([]);
    expect(processIdentity(pid)).toBeDefined();
    process.kill(pid, 'SIGKILL');
  });

  it('says so when a process that was left may not be ended, and does not wait for it', async () => {
    const file = newFile();
    const pid = alive();
    new RunningProcesses(file).note({ 'order-service': pid });
    const kill = jest.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    try {
      await expect(new RunningProcesses(file).endLeftovers()).rejects.toThrow(
        `process ${pid} of an earlier fleet can't be ended`,
      );
    } finally {
      kill.mockRestore();
    }
    process.kill(pid, 'SIGKILL');
  });

  it('shows a launcher that another one is at work, as long as it is', () => {
    const file = newFile();
    const running = new RunningProcesses(file);
    const other = alive();
    running.note({});
    expect(running.otherLauncher()).toBeUndefined();
    const note = readFileSync(file, 'utf8').replace(String(process.pid), String(other));
    writeFileSync(
      file,
      note.replace(processIdentity(process.pid) ?? 'none', processIdentity(other) ?? 'none'),
    );
    expect(running.otherLauncher()).toBe(other);
    process.kill(other, 'SIGKILL');
    writeFileSync(file, note);
    expect(running.otherLauncher()).toBeUndefined();
  });

  it('is claimed by the next launcher before that ends what was left, which it still names', async () => {
    const file = newFile();
    const pid = alive();
    new RunningProcesses(file).note({ nats: pid });
    const next = new RunningProcesses(file);
    expect(next.claim()).toBeUndefined();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      launcher: { pid: process.pid },
      processes: [{ pid }],
    });
    expect(await next.endLeftovers()).toEqual(['nats']);
  });

  it('counts for nothing when it is damaged', async () => {
    const file = newFile();
    writeFileSync(file, '{ "processes": [');
    expect(await new RunningProcesses(file).endLeftovers()).toEqual([]);
    expect(new RunningProcesses(file).otherLauncher()).toBeUndefined();
  });
});
