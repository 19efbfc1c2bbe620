import { parseArgs } from 'node:util';

export const help = `npm run dead-letters -- COMMAND [options]: the messages that services have set aside.

  list             all of them, a line each
  show ID          one of them, whole
  replay ID|--all  publishes it again on its own subject, and removes it once the broker has stored it
  delete ID|--all  removes it for good; needs --yes

  --service NAME   only those of one service, e.g. kitchen
  --data-dir DIR   the fleet of this data folder [FTGO_DATA, or .ftgo in this folder]
  --help           this text

An ID may be cut short as long as only one message begins so. A replayed message keeps its ce-id: services that have
handled it before do not handle it again, for as long as their inboxes remember it (14 days).

A fleet of "npm start" is found by its data folder. For any other service set PG_CONN (its database, as its owner) and, to
replay, NATS_URL (also as PG_CONN_FILE and NATS_URL_FILE); --data-dir goes before both.`;

/** Which dead letters are meant: those that these say, all if they say nothing. */
export interface Choice {
  /** A message id, or how one begins. */
  readonly id?: string;
  /** The id of a service. */
  readonly service?: string;
}

/** What an operator asks for. */
export type Command =
  | { readonly does: 'help' }
  | {
      readonly does: 'list' | 'show' | 'replay' | 'delete';
      readonly choice: Choice;
      /** `--yes` */
      readonly confirmed: boolean;
      /** Where a fleet keeps its data; undefined when that was not said. */
      readonly dataDir?: string;
    };

const options = {
  all: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  service: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

/** @throws Error in one line when the arguments make no command */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help === true) return { does: 'help' };
  const [does, id, ...rest] = positionals;
  if (does !== 'list' && does !== 'show' && does !== 'replay' && does !== 'delete')
    throw new Error('say list, show, replay or delete (or --help)');
  assertMeant(does, id, values.all === true);
  if (rest.length > 0) throw new Error(`one ID at a time: ${does} ${id}`);
  return {
    does,
    choice: { id, service: serviceId(values.service) },
    confirmed: values.yes === true,
    dataDir: values['data-dir'],
  };
}

/** Nobody shall lose or replay everything by leaving something out. */
function assertMeant(does: string, id: string | undefined, all: boolean): void {
  if (id === '') throw new Error('the ID is empty');
  if (does === 'list' && id !== undefined) throw new Error('list takes no ID; show does');
  if (does === 'show' && id === undefined) throw new Error('show needs an ID');
  if (does !== 'replay' && does !== 'delete') return;
  if ((id === undefined) !== all) throw new Error(`${does} needs either an ID or --all`);
}

/** `kitchen` is short for `kitchen-service`. */
function serviceId(name: string | undefined): string | undefined {
  return name === undefined || name.endsWith('-service') ? name : `${name}-service`;
}
