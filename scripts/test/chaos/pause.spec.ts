import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { eventually } from '@ftgo/shared-ts/testing';
import { faultKinds } from '../../src/chaos/faults';
import type { Random } from '../../src/chaos/random';
import type { Scene } from '../../src/chaos/scene';

const onLinux = process.platform === 'linux' ? it : it.skip;

/** T when it is stopped. */
const stateOf = (pid: number): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '';
};

describe('a pause', () => {
  onLinux(
    'is over for all that it stopped, also when what had started them was killed meanwhile',
    async () => {
      const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; wait']);
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const child = Number(line.toString());
      try {
        const scene = { fleet: { pid: () => parent.pid } } as unknown as Scene;
        const random = { between: () => 2_000 } as unknown as Random;
        const pausing = faultKinds.find(({ name }) => name === 'pause')?.strike(scene, 'postgres', random);
        await eventually(() => expect(stateOf(child)).toBe('T'));
        parent.kill('SIGKILL');
        expect(await pausing).toBe('2.0 s');
        await eventually(() => expect(stateOf(child)).not.toBe('T'));
      } finally {
        process.kill(child, 'SIGKILL');
      }
    },
  );
});
