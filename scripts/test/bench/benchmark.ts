import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Benchmark } from '../../src/bench/bench';
import { parseCommand } from '../../src/bench/command';

/** One that is not run, and says nothing. */
export function benchmark(): Benchmark {
  const command = parseCommand(['--quick', '--json', join(tmpdir(), 'never-written.json')]);
  if (command.does === 'help') throw new Error('only asked for help');
  return new Benchmark({ ...command, print: () => undefined });
}
