import type { Addresses } from './ftgo-client';
import { FtgoClient } from './ftgo-client';
import { LoadGenerator } from './load-generator';
import type { Call, Reply } from './load-process';

/** The load generator's process: does what {@link LoadProcess} asks for, call by call, until it is disconnected. */
async function main(): Promise<void> {
  const addresses = JSON.parse(process.env['FTGO_ADDRESSES'] ?? '') as Addresses;
  const generator = new LoadGenerator(await FtgoClient.connect(addresses));
  const reply = (message: Reply) => void process.send?.(message);
  process.on('message', ({ id, method, args }: Call) => {
    // The caller's types have checked that the arguments are this method's.
    const run = generator[method].bind(generator) as (...values: readonly unknown[]) => Promise<unknown>;
    run(...args).then(
      (result) => reply({ id, result }),
      (error: unknown) => reply({ id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  reply({ id: 0 });
}

// A terminal's Ctrl-C is for the process that started this one, which disconnects it.
process.on('SIGINT', () => undefined);
main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
