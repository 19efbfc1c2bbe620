import { parseArgs } from 'node:util';
import { defectNamed, defectNames, type Defect } from './defects';

/** What `npm run chaos` can be told after `--`. */
export interface ChaosOptions {
  /** Determines the faults and the stories; not the moments at which the processes get to their work. */
  readonly seed: number;
  /** Orders and faults, at least. */
  readonly orders: number;
  readonly faults: number;
  /** Ends the storm earlier, whatever is missing; minutes. */
  readonly minutes: number | undefined;
  /** Stories begun in a second, and under way, at most. */
  readonly rate: number;
  readonly inFlight: number;
  /** Seconds from fault to fault, on average. */
  readonly pace: number;
  /** Keep the data folder, or where it shall be. */
  readonly keep: boolean;
  readonly dataDir: string | undefined;
  readonly defect: string | undefined;
}

export interface ChaosCommand extends ChaosOptions {
  readonly help: boolean;
  /** Run all seeded defects, one after the other, each of which has to be found. */
  readonly prove: boolean;
}

export const help = `npm run chaos -- [options]: kills, pauses and cuts off what belongs to a fleet of its own while orders
flow, waits until it is quiet, and audits what became of every order and every message. Exit code 1 on any finding.

  --seed N       the faults and the stories of an earlier run again [by chance]
  --orders N     orders, at least [300]
  --faults N     faults, at least [40]
  --minutes N    end the storm after so long, whatever is missing
  --rate N       stories begun in a second, at most [5]
  --in-flight N  stories under way, at most [40]
  --pace N       seconds from one fault to the next, on average [3]
  --data-dir DIR where the fleet keeps its data [a temporary folder]
  --keep         keep the data folder, with the logs, also when nothing was found
  --defect NAME  plant a defect that the audit has to find, with as many orders and faults as that takes:
                 ${defectNames.join(', ')}
  --prove        one short run for each defect; exit code 1 when one is not found
  --help         this text`;

/** @throws Error in one line when an option is unknown or wrong */
export function parseChaosCommand(args: readonly string[]): ChaosCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      orders: { type: 'string' },
      faults: { type: 'string' },
      minutes: { type: 'string' },
      rate: { type: 'string', default: '5' },
      'in-flight': { type: 'string', default: '40' },
      pace: { type: 'string' },
      'data-dir': { type: 'string' },
      keep: { type: 'boolean', default: false },
      defect: { type: 'string' },
      prove: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.defect !== undefined && !defectNames.includes(values.defect))
    throw new Error(`there is no defect "${values.defect}"; there are ${defectNames.join(', ')}`);
  const defect = values.defect === undefined ? undefined : defectNamed(values.defect);
  const usual = usualExtent(defect);
  return {
    seed: values.seed === undefined ? Math.floor(Math.random() * 1e9) : number('seed', values.seed, 0),
    orders: values.orders === undefined ? usual.orders : number('orders', values.orders, 0),
    faults: values.faults === undefined ? usual.faults : number('faults', values.faults, 0),
    minutes: values.minutes === undefined ? undefined : number('minutes', values.minutes, 0),
    rate: number('rate', values.rate, 0.01),
    inFlight: number('in-flight', values['in-flight'], 1),
    pace: values.pace === undefined ? usual.pace : number('pace', values.pace, 0.01),
    dataDir: values['data-dir'],
    keep: values.keep,
    defect: values.defect,
    prove: values.prove,
    help: values.help,
  };
}

/** How much a run does that is not told: with a defect, as much as brings it to light. */
export function usualExtent(
  defect: Pick<Defect, 'orders' | 'faultCount'> | undefined,
): Pick<ChaosOptions, 'orders' | 'faults' | 'pace'> {
  if (defect === undefined) return { orders: 300, faults: 40, pace: 3 };
  return { orders: defect.orders, faults: defect.faultCount, pace: 2 };
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least)
    throw new Error(`--${name} must be a number, at least ${least}: ${text}`);
  return value;
}
