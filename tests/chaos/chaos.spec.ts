import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// Far above what a run takes; it waits for the fleet, and how fast that is depends on the machine.
jest.setTimeout(15 * 60_000);

const program = resolve(__dirname, '../../scripts/dist/chaos.js');

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `npm run chaos` with a fleet of its own. */
function chaos(...args: string[]): Promise<Outcome> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ftgo-chaos-test-'));
  const child = spawn(process.execPath, [program, '--data-dir', dataDir, ...args], { windowsHide: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done({ code, output }));
  });
}

/** For the failure message: what the run said of its findings. */
const summary = ({ code, output }: Outcome) =>
  `exit code ${code}\n${output.split('\n').slice(-60).join('\n')}`;

describe('chaos', () => {
  it('leaves every order and every message whole', async () => {
    const outcome = await chaos('--seed', '20261123', '--orders', '60', '--faults', '15', '--rate', '4');
    expect(summary(outcome)).toMatch(/^exit code 0\n/);
    expect(outcome.output).toMatch(/seed 20261123: \d+ orders .* no finding/);
  });

  it.each([
    ['compensation-forgotten', "not so: each order's state"],
    ['idempotency-off', 'not so: every accepted request has exactly one order'],
  ])('finds the defect %s', async (defect, finding) => {
    const outcome = await chaos('--defect', defect, '--seed', '1', '--rate', '4');
    expect(outcome.code).toBe(1);
    expect(summary(outcome)).toContain(finding);
  });
});
