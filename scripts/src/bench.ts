import { Benchmark } from './bench/bench';
import { help, parseCommand } from './bench/command';
import { messageOf } from './command-line';

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  if (command.does === 'help') return console.log(help);
  const benchmark = new Benchmark({ ...command, print: (text) => console.log(text) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      console.log(`${signal}: ending the fleet`);
      void benchmark.stop().then(() => process.exit(130));
    });
  process.exitCode = (await benchmark.run()) === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
