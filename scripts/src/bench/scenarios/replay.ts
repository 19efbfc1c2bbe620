import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PeakMemory } from '../measure/process-usage';
import type { StoredMessage } from '../measure/stream';
import type { Outcome, Scenario } from '../scenario';
import { prepareRows, preparedRows, withClient, type RowKind } from '../seed/outbox-rows';
import type { LoadedSite } from '../site';

const entry = resolve(__dirname, '..', '..', '..', '..', 'consumer', 'dist', 'cmd', 'cdc', 'main.js');
/** The outbox that is replayed, and the service that has handled all of it. */
const outbox = { database: 'consumer', role: 'consumer_cdc' };
const follower = { name: 'accounting-service', database: 'accounting' };
const kind: RowKind = {
  channel: 'consumerservice.Consumer',
  type: 'consumerapi.ConsumerRegistered',
  payload: `json_build_object('name', 'Consumer ' || key)`,
};
const memoryEveryMs = 100;
const lookEveryMs = 50;

/** What it costs to publish a lost stream again. */
export interface ReplayFigures {
  readonly messages: number;
  /** From the first message that the broker stored to the last. */
  readonly messagesPerSecond: number;
  /** From the command's start to its exit. */
  readonly seconds: number;
  /** Of the command's process; undefined where it cannot be measured. */
  readonly peakMemoryBytes: number | undefined;
  /** Of the stream when all is published, headers and the broker's own included. */
  readonly streamBytes: number;
  /** From the command's start until the follower has handled all messages again. */
  readonly secondsToHandled: number;
  /** For comparison: from the relay's first message to the follower's last, when all were new. */
  readonly secondsToHandledFirst: number;
  /** Rows of inbox and events that the follower has more than before; 0, since it had handled all. */
  readonly rowsWritten: number;
}

/** Messages that are published and handled; the stream is deleted, and `cdc replay` brings it back. */
export const replayLost: Scenario = async (bench) => {
  const site = await bench.ownSite();
  const messages = preparedRows(bench.extent.replayRows);
  bench.log(`${messages} messages, published and handled`);
  const beganAt = performance.now();
  await withClient(site.fleet.databaseUrl(outbox.database), (client) =>
    client.query(prepareRows(kind, messages)),
  );
  await untilHandled(site, messages);
  const secondsToHandledFirst = (performance.now() - beganAt) / 1000;
  const rowsBefore = await followersRows(site);
  bench.log('the stream is deleted and replayed');
  const manager = await site.stream.connection.jetstreamManager();
  await manager.streams.delete('FTGO');
  const startedAt = performance.now();
  const command = await replay(site);
  await untilHandled(site, 2 * messages);
  const secondsToHandled = (performance.now() - startedAt) / 1000;
  const { state } = await manager.streams.info('FTGO');
  const stored = await site.stream.messages(state.first_seq - 1, state.last_seq);
  return outcomeOf({
    ...storedFigures(stored),
    ...command,
    streamBytes: state.bytes,
    secondsToHandled,
    secondsToHandledFirst,
    rowsWritten: (await followersRows(site)) - rowsBefore,
  });
};

/** How many messages came and how fast. */
export function storedFigures(
  stored: readonly Pick<StoredMessage, 'storedAt'>[],
): Pick<ReplayFigures, 'messages' | 'messagesPerSecond'> {
  const seconds = ((stored.at(-1)?.storedAt ?? 0) - (stored[0]?.storedAt ?? 0)) / 1000;
  return { messages: stored.length, messagesPerSecond: seconds > 0 ? (stored.length - 1) / seconds : 0 };
}

/** The command as an operator gives it. */
async function replay(site: LoadedSite): Promise<Pick<ReplayFigures, 'seconds' | 'peakMemoryBytes'>> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [entry, 'replay', '--from', new Date(0).toISOString()], {
    env: {
      ...process.env,
      ENVIRONMENT: 'production',
      PG_CONN: site.fleet.databaseUrl(outbox.database, outbox.role),
      NATS_URL: site.fleet.natsUrl,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
    windowsHide: true,
  });
  const pids = new Map(child.pid === undefined ? [] : [['replay', child.pid]]);
  const memory = new PeakMemory(() => ({ pids, postgres: undefined }), memoryEveryMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  const peak = memory.stop().get('replay');
  if (code !== 0) throw new Error(`the replay ended with ${code}`);
  return { seconds: (performance.now() - startedAt) / 1000, peakMemoryBytes: peak === 0 ? undefined : peak };
}

/** Until the follower has handled so many of the messages since it began, those included that it had before. */
async function untilHandled(site: LoadedSite, count: number): Promise<void> {
  const pattern = /^message_handling_duration_seconds_count\{.*outcome="success".*\} (\d+)$/gm;
  for (;;) {
    const text = await (await fetch(`${site.fleet.url(follower.name)}/metrics`)).text();
    const handled = [...text.matchAll(pattern)].filter(([line]) => line.includes(kind.type));
    if (handled.reduce((sum, [, value]) => sum + Number(value), 0) >= count) return;
    await sleep(lookEveryMs);
  }
}

/** Rows that handling a message would add to. */
function followersRows(site: LoadedSite): Promise<number> {
  return withClient(site.fleet.databaseUrl(follower.database), async (client) => {
    const { rows } = await client.query<{ count: number }>(
      'SELECT ((SELECT count(*) FROM inbox) + (SELECT count(*) FROM events))::int AS count',
    );
    return rows[0]?.count ?? 0;
  });
}

function outcomeOf(figures: ReplayFigures): Outcome {
  const { messages, messagesPerSecond, seconds, peakMemoryBytes, streamBytes } = figures;
  const { secondsToHandled, secondsToHandledFirst, rowsWritten } = figures;
  const table = {
    title:
      'Replay: a deleted stream is published again from the outbox, while the follower skips what it had',
    columns: [
      'messages',
      'messages/s',
      'command s',
      'its peak MB',
      'stream MB',
      'all skipped s',
      'first time s',
      'rows',
    ],
    rows: [
      [
        String(messages),
        messagesPerSecond,
        seconds,
        peakMemoryBytes === undefined ? undefined : peakMemoryBytes / 1e6,
        streamBytes / 1e6,
        secondsToHandled,
        secondsToHandledFirst,
        rowsWritten,
      ],
    ],
    notes: [
      'Rows: what the follower wrote to its inbox and its events for messages that it had handled before.',
    ],
  };
  return { tables: [table], figures };
}
