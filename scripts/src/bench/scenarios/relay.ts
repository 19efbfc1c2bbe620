import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredMessage } from '../measure/stream';
import { passagesOf } from '../measure/outbox-view';
import type { Passage } from '../measure/hops';
import type { Outcome, Scenario } from '../scenario';
import { insertRows, preparedRows, prepareRows, withClient, type RowKind } from '../seed/outbox-rows';
import type { LoadedSite } from '../site';
import { summarise, type Summary } from '../statistics';

/** The relay that is measured, and whose outbox it reads. */
const relay = { name: 'order-cdc', database: 'ordering' };
const listeners = ['order-service', 'delivery-service', 'order-history-service'];
/** Without any progress for so long, in milliseconds, there will be none. */
const patience = 60_000;
const singleRows = 500;
const singlePauseMs = 5;

/** On a channel that the broker lets this relay publish to; those who listen to it are stopped. */
const kind: RowKind = {
  channel: 'orderservice.Order',
  type: 'bench.Prepared',
  payload: `json_build_object('consumerId', key, 'orderId', id, 'orderTotal', 2818, 'note', repeat('x', 200))`,
};

/** What one relay does by itself. */
export interface RelayFigures {
  /** Of one prepared outbox. */
  readonly rows: number;
  /** The median of {@link ratesByTurn}. */
  readonly rowsPerSecond: number;
  /** Rows a second, of each prepared outbox. */
  readonly ratesByTurn: readonly number[];
  /** Milliseconds from the commit of a single row to its storage by the broker. */
  readonly latency: Summary;
  /** Milliseconds from the same commits to the acknowledgement's arrival at the relay, by the relay's own metric. */
  readonly meanToPubAck: number;
}

/** One relay on an outbox that was filled while it was stopped, several times, then on single rows; no service does anything. */
export const relayAlone: Scenario = async (bench) => {
  const site = await bench.ownSite();
  for (const name of listeners) await site.fleet.stopProcess(name);
  const rows = preparedRows(bench.extent.relayRows);
  const drained: (readonly StoredMessage[])[] = [];
  for (let turn = 1; turn <= bench.extent.repeats; turn += 1) {
    bench.log(`an outbox of ${rows} rows, turn ${turn} of ${bench.extent.repeats}`);
    drained.push(await drain(site, rows));
  }
  bench.log(`${singleRows} single rows`);
  const single = await singles(site);
  return outcomeOf(relayFigures(drained, single));
};

async function drain(site: LoadedSite, rows: number): Promise<readonly StoredMessage[]> {
  await site.fleet.stopProcess(relay.name);
  await withClient(databaseOf(site), (client) => client.query(prepareRows(kind, rows)));
  const before = await site.stream.lastSequence();
  await site.fleet.startProcess(relay.name);
  await untilSequence(site, before + rows);
  return site.stream.messages(before, before + rows);
}

interface Singles {
  readonly passages: readonly Passage[];
  readonly acknowledged: { readonly count: number; readonly seconds: number };
}

async function singles(site: LoadedSite): Promise<Singles> {
  const before = await site.stream.lastSequence();
  const earlier = await lagOf(site);
  await withClient(databaseOf(site), async (client) => {
    for (let row = 0; row < singleRows; row += 1) {
      await client.query(insertRows(kind, 1));
      await sleep(singlePauseMs);
    }
  });
  await untilSequence(site, before + singleRows);
  // The acknowledgement of the last one is on its way to the relay, too.
  await sleep(1000);
  const later = await lagOf(site);
  const stored = await site.stream.messages(before, before + singleRows);
  const passages = [...(await passagesOf(stored, [databaseOf(site)])).values()];
  const acknowledged = { count: later.count - earlier.count, seconds: later.seconds - earlier.seconds };
  return { passages, acknowledged };
}

/** The figures of outboxes that were drained one after the other, and of single rows. */
export function relayFigures(
  drained: readonly (readonly Pick<StoredMessage, 'storedAt'>[])[],
  { passages, acknowledged }: Singles,
): RelayFigures {
  const ratesByTurn = drained.map(rateOf);
  return {
    rows: drained[0]?.length ?? 0,
    rowsPerSecond: summarise(ratesByTurn).p50,
    ratesByTurn,
    latency: summarise(passages.map(({ committedAt, storedAt }) => storedAt - committedAt)),
    meanToPubAck: acknowledged.count === 0 ? 0 : (acknowledged.seconds * 1000) / acknowledged.count,
  };
}

function rateOf(stored: readonly Pick<StoredMessage, 'storedAt'>[]): number {
  const seconds = ((stored.at(-1)?.storedAt ?? 0) - (stored[0]?.storedAt ?? 0)) / 1000;
  return seconds > 0 ? (stored.length - 1) / seconds : 0;
}

/** The relay's own histogram of commit to PubAck, as its metrics say. */
async function lagOf(site: LoadedSite): Promise<{ count: number; seconds: number }> {
  const text = await (await fetch(`${site.fleet.url(relay.name)}/metrics`)).text();
  const value = (name: string) =>
    Number(new RegExp(`^ftgo_outbox_lag_seconds_${name}\\S* (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  return { count: value('count'), seconds: value('sum') };
}

async function untilSequence(site: LoadedSite, sequence: number): Promise<void> {
  let last = 0;
  let movedAt = performance.now();
  for (;;) {
    const now = await site.stream.lastSequence();
    if (now >= sequence) return;
    if (now > last) movedAt = performance.now();
    if (performance.now() - movedAt > patience)
      throw new Error(`the relay stopped ${sequence - now} messages short; see its log`);
    last = now;
    await sleep(100);
  }
}

const databaseOf = (site: LoadedSite): string => site.fleet.databaseUrl(relay.database);

function outcomeOf(figures: RelayFigures): Outcome {
  const { rows, rowsPerSecond, ratesByTurn, latency, meanToPubAck } = figures;
  const table = {
    title: 'Relay alone: one relay, prepared outboxes, then single rows; milliseconds',
    columns: [
      'rows each',
      'rows/s',
      'slowest',
      'fastest',
      'row to broker p50',
      'p95',
      'p99',
      'row to PubAck mean',
    ],
    rows: [
      [
        String(rows),
        rowsPerSecond,
        Math.min(...ratesByTurn),
        Math.max(...ratesByTurn),
        latency.p50,
        latency.p95,
        latency.p99,
        meanToPubAck,
      ],
    ],
    notes: [
      `Rows a second: from the first message that the broker stored to the last, the median of ${ratesByTurn.length}.`,
    ],
  };
  return { tables: [table], figures };
}
