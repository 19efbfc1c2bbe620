import { defects } from './chaos/defects';
import type { ChaosOptions } from './chaos/options';
import { help, parseChaosCommand, usualExtent } from './chaos/options';
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
  for (const defect of defects) {
    print(`\n=== ${defect.name}: ${defect.what}`);
    const found = await runOnce({ ...options, ...usualExtent(defect), defect: defect.name });
    if (found === 0) missed.push(defect.name);
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

/** Whatever ends this process must not leave a fleet behind, a reader of its output that is gone least of all. */
function leaveNothingBehind(): void {
  process.stdout.on('error', () => current?.interrupt());
  process.on('uncaughtException', (error) => {
    console.error(error);
    current?.abandon();
    process.exit(1);
  });
}

async function main(): Promise<void> {
  const command = parseChaosCommand(process.argv.slice(2));
  if (command.help) return print(help);
  interruptOnSignals();
  leaveNothingBehind();
  if (command.prove) process.exitCode = (await prove(command)) ? 0 : 1;
  else process.exitCode = (await runOnce(command)) === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  // Clients of a run that was broken off would go on asking for a while.
  process.exit(1);
});
