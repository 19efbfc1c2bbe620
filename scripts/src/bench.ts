import { Benchmark } from './bench/bench';
import { help, parseCommand } from './bench/command';
import { messageOf } from './command-line';

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  if (command.does === 'help') return console.log(help);
  const benchmark = new Benchmark({ ...command, print: (text) => console.log(text) });
  stopWhenTold(benchmark);
  process.exitCode = (await benchmark.run()) === 0 ? 0 : 1;
}

/**
 * A signal or an error that nobody caught ends the fleet and removes its data first. Further signals are ignored: npm
 * passes a terminal's Ctrl-C on to a process that has received it already.
 */
function stopWhenTold(benchmark: Benchmark): void {
  let told = false;
  const stop = (why: string, exitCode: number): void => {
    if (told) return;
    told = true;
    console.error(`${why}: ending the fleet`);
    void benchmark.stop().finally(() => process.exit(exitCode));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal, 130));
  process.on('uncaughtException', (error) => {
    console.error(error);
    stop('error', 1);
  });
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
