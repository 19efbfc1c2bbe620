import { NatsBroker } from '@ftgo/shared-ts/messaging';
import { createLogger } from '@ftgo/shared-ts/telemetry';
import type { Result } from './audit/audit';
import { audit } from './audit/audit';
import { readStream } from './audit/stream';
import type { Client } from './client';
import type { Journal } from './journal';
import { processesMentioning } from './process-tree';
import { untilQuiet } from './quiet';
import type { Scene } from './scene';
import { query, sendTo } from './scene';

export interface AftermathOptions {
  readonly client: Client;
  readonly journal: Journal;
  /** How long the fleet may take until it is quiet, in milliseconds. */
  readonly patience: number;
  readonly say: (line: string) => void;
}

/** Waits until the fleet is quiet, and audits it. */
export async function aftermath(
  { fleet, broker: proxy }: Scene,
  { client, journal, patience, say }: AftermathOptions,
): Promise<{ results: Result[]; messages: number }> {
  const logger = createLogger({ serviceId: 'chaos', environment: 'production', level: 'fatal' });
  // Past the proxy: what the audit has open is not the fleet's.
  const broker = await NatsBroker.connect({ url: fleet.natsUrl, serviceId: 'chaos' }, logger);
  try {
    const begun = Date.now();
    const unrest = await untilQuiet(fleet, broker, patience, (line) => say(`waiting: ${line}`));
    const waited = ((Date.now() - begun) / 1000).toFixed(0);
    say(unrest === undefined ? `quiet after ${waited} s; auditing` : `not quiet after ${waited} s; auditing`);
    const stream = await readStream(broker);
    const results = await audit(
      {
        fleet,
        journal,
        client,
        stream,
        sql: (database, text, values) => query(fleet, database, text, values),
      },
      proxy,
    );
    const quiet: Result = {
      check: 'the fleet became quiet: nothing under way, nothing unpublished, nothing unacknowledged',
      examined: 1,
      findings: unrest === undefined ? [] : [unrest],
    };
    return { results: [quiet, ...results], messages: stream.length };
  } finally {
    await broker.close();
  }
}

/** What runs for a data folder now, other than before; it is ended. */
export function leakedProcesses(dataDir: string, before: ReadonlySet<number>): Result {
  const left = processesMentioning(dataDir).filter(({ pid }) => !before.has(pid));
  for (const { pid } of left) sendTo(pid, 'SIGKILL');
  return {
    check: 'no process was left behind when the fleet had stopped',
    examined: 1,
    findings: left.map(({ pid, command }) => `pid ${pid}: ${command}`),
  };
}
