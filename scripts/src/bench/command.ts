import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The scenarios by name, in the order in which they run. */
export const scenarioNames = [
  'start',
  'at-rest',
  'throughput',
  // Before pgbench leaves its tables to be vacuumed.
  'soak',
  'ceiling',
  'mixed',
  'overload',
  'relay',
  'replay',
  'growth',
] as const;

export type ScenarioName = (typeof scenarioNames)[number];

/** How much each scenario does. Durations are in seconds. */
export interface Extent {
  /** Of each stretch of a throughput measurement. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly soakSeconds: number;
  /** Placed one after the other at rest, and on both sides of a comparison. */
  readonly ordersAtRest: number;
  /** How long nothing is asked of the fleet before the first orders after a quiet. */
  readonly quietSeconds: number;
  readonly inFlight: readonly number[];
  /** How often that is measured which is over in seconds, starts and prepared outboxes: the median counts. */
  readonly repeats: number;
  /** Rows of the prepared outbox. */
  readonly relayRows: number;
  /** Messages that are published and handled, lost by the broker and replayed. */
  readonly replayRows: number;
  /** Which order of one consumer is compared with the first. */
  readonly ordersOfOneConsumer: number;
  /** How many orders the full database holds. */
  readonly ordersInAll: number;
}

const full: Extent = {
  seconds: 30,
  warmUpSeconds: 10,
  soakSeconds: 600,
  ordersAtRest: 300,
  quietSeconds: 60,
  inFlight: [1, 8, 32, 128, 192],
  repeats: 3,
  relayRows: 50_000,
  replayRows: 100_000,
  ordersOfOneConsumer: 10_000,
  ordersInAll: 200_000,
};

const quick: Extent = {
  seconds: 5,
  warmUpSeconds: 3,
  soakSeconds: 30,
  ordersAtRest: 50,
  quietSeconds: 5,
  inFlight: [1, 8, 32],
  repeats: 1,
  relayRows: 5_000,
  replayRows: 5_000,
  ordersOfOneConsumer: 1_000,
  ordersInAll: 5_000,
};

/** What `npm run bench` is asked for. */
export type Command =
  | { readonly does: 'help' }
  | {
      readonly does: 'bench';
      readonly only: readonly ScenarioName[];
      readonly extent: Extent;
      readonly quick: boolean;
      /** Where the figures go. */
      readonly json: string;
    };

export const help = `npm run bench -- [options]: measures a fleet of its own, started for it with empty data, and removes it afterwards.

  --only NAMES    some scenarios, separated by commas: ${scenarioNames.join(', ')}
  --seconds N     length of each stretch of throughput [${full.seconds}; the soak takes 20 times as long]
  --quick         short versions of everything, to see that it works; the figures are worth little
  --json FILE     where the figures go [bench.json in this folder]
  --help          this text

Nothing else should run on the machine. CPU and memory by process are measured on Linux only; the ceiling of PostgreSQL
needs pgbench on the PATH (or in Debian's place for it).`;

/** @throws Error in one line when the arguments cannot be understood */
export function parseCommand(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      only: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string', default: 'bench.json' },
    },
  });
  if (values.help) return { does: 'help' };
  const extent = values.quick ? quick : full;
  return {
    does: 'bench',
    only: values.only === undefined ? scenarioNames : chosen(values.only),
    extent: values.seconds === undefined ? extent : { ...extent, ...lengths(values.seconds) },
    quick: values.quick,
    json: resolve(values.json),
  };
}

/** In the order in which they run, whatever order they were named in. */
function chosen(text: string): ScenarioName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !scenarioNames.some((known) => known === name));
  if (unknown !== undefined)
    throw new Error(`there is no scenario "${unknown}"; there are ${scenarioNames.join(', ')}`);
  return scenarioNames.filter((name) => names.includes(name));
}

function lengths(text: string): Pick<Extent, 'seconds' | 'soakSeconds'> {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new Error('--seconds must be an integer of at least 1');
  return { seconds, soakSeconds: seconds * 20 };
}
