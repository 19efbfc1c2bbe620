import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  canMeasureProcesses,
  cpuSeconds,
  memoryBytes,
  parseStat,
} from '../../src/bench/measure/process-usage';

describe('a line of /proc/<pid>/stat', () => {
  it('is read past a name with blanks and parentheses', () => {
    const stat = '42 (a) (b) c) S 7 42 42 0 -1 4194304 1 2 3 4 150 50 300 100 20 0 1 0 99';
    expect(parseStat(42, stat)).toEqual({ pid: 42, parent: 7, own: 2, children: 4 });
  });

  it('is nothing for a process that has ended', () => {
    expect(parseStat(42, '')).toBeUndefined();
  });
});

const onLinux = canMeasureProcesses ? describe : describe.skip;
onLinux('a process', () => {
  it('is seen using its CPU and memory, also through a child that has ended', async () => {
    const burn = 'const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end);';
    const script = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}]);
      console.log('burnt'); setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      const watched = { pids: new Map([['this', process.pid]]), postgres: child.pid };
      expect(cpuSeconds(watched).get('postgres')).toBeGreaterThanOrEqual(0.3);
      expect(cpuSeconds(watched).get('this')).toBeGreaterThan(0);
      expect(memoryBytes(watched).get('postgres')).toBeGreaterThan(1e6);
      expect(memoryBytes(watched).get('this')).toBeGreaterThan(1e6);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
