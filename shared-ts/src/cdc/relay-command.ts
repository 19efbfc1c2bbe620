import { REPLAYABLE_DAYS } from './replay';

/** What a CDC process is asked for by its arguments. */
export type RelayCommand =
  | { readonly does: 'relay' }
  | { readonly does: 'replay'; readonly from: Date }
  | { readonly does: 'parked' }
  | { readonly does: 'publish-parked' };

const usage = `usage: no argument (relays), or one of
  replay --from TIME  publishes again what the outbox retains since an RFC 3339 time, e.g. 2026-11-01T00:00:00Z;
                      at most the last ${REPLAYABLE_DAYS} days, since services forget later what they have handled
  parked              lists the messages that could not be published, a JSON object a line
  publish-parked      publishes them, once the cause is gone`;

/** @throws Error with the usage when the arguments make no command */
export function parseRelayCommand(args: readonly string[]): RelayCommand {
  const [does, ...rest] = args;
  if (does === undefined) return { does: 'relay' };
  if (does === 'replay') return { does, from: replayFrom(rest) };
  if ((does === 'parked' || does === 'publish-parked') && rest.length === 0) return { does };
  throw new Error(usage);
}

function replayFrom([option, text, ...rest]: readonly string[]): Date {
  if (option !== '--from' || text === undefined || rest.length > 0) throw new Error(usage);
  const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;
  const time = new Date(text);
  if (!rfc3339.test(text) || Number.isNaN(time.getTime())) throw new Error(`${text} is no time\n${usage}`);
  return time;
}
