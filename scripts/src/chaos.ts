import { defects } from './chaos/defects';
import type { ChaosOptions } from './chaos/options';
import { help, parseChaosCommand } from './chaos/options';
import { describeReport, findingsOf } from './chaos/report';
import { ChaosRun } from './chaos/run';
import { messageOf } from './command-line';

let current: ChaosRun | undefined;

function print(line: string): void {
  console.log(line);
}

async function runOnce(options: ChaosOptions): Promise<number> {
  current = new ChaosRun(options, print);
  const report = await current.run();
  print(`\n${describeReport(report)}`);
  return findingsOf(report);
}

/** Each defect with the orders and faults that bring it to light. */
async function prove(options: ChaosOptions): Promise<boolean> {
  const missed: string[] = [];
  for (const { name, what, orders, faultCount } of defects) {
    print(`\n=== ${name}: ${what}`);
    const found = await runOnce({ ...options, defect: name, orders, faults: faultCount, pace: 2 });
    if (found === 0) missed.push(name);
  }
  const caught = defects.length - missed.length;
  print(
    `\n${caught} of ${defects.length} defects were caught${missed.length > 0 ? `; not: ${missed.join(', ')}` : ''}`,
  );
  return missed.length === 0;
}

function interruptOnSignals(): void {
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals === 1) print(`${signal}: stopping the fleet`);
      current?.interrupt();
    });
  }
}

async function main(): Promise<void> {
  const command = parseChaosCommand(process.argv.slice(2));
  if (command.help) return print(help);
  interruptOnSignals();
  if (command.prove) process.exitCode = (await prove(command)) ? 0 : 1;
  else process.exitCode = (await runOnce(command)) === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  // Clients of a run that was broken off would go on asking for a while.
  process.exit(1);
});
