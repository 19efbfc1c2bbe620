import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsBroker } from '@ftgo/shared-ts/messaging';
import type { Fleet } from '../fleet/fleet';
import { askReadiness, isHotStandby } from '../fleet/readiness';
import { databases } from '../infrastructure/databases';
import { query } from './scene';

const LOOK_AGAIN = 1_000;

/**
 * Waits until nothing is left to do: all processes ready, no saga under way, no outbox row that its relay has not confirmed, no message
 * that waits for a consumer or for its acknowledgement; all of it twice in a row.
 *
 * @param patience in milliseconds
 * @param onUnrest told what there is to wait for, whenever that has changed
 * @returns what is still going on when the patience is at its end; undefined when it is quiet
 */
export async function untilQuiet(
  fleet: Fleet,
  broker: NatsBroker,
  patience: number,
  onUnrest: (unrest: string) => void,
): Promise<string | undefined> {
  const deadline = Date.now() + patience;
  let told: string | undefined;
  for (let quietLooks = 0; ;) {
    const unrest = await unrestOf(fleet, broker).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    quietLooks = unrest === undefined ? quietLooks + 1 : 0;
    if (quietLooks === 2) return undefined;
    if (unrest !== undefined && unrest !== told) onUnrest((told = unrest));
    if (Date.now() > deadline) return unrest ?? 'it is quiet only for moments';
    await sleep(LOOK_AGAIN);
  }
}

/** The first thing found that shows that work is left. */
async function unrestOf(fleet: Fleet, broker: NatsBroker): Promise<string | undefined> {
  const answers = await Promise.all(
    fleet.members.map(async ({ name, url, definition }) => ({
      name,
      definition,
      ...(await askReadiness(url)),
    })),
  );
  for (const { name, definition, ...readiness } of answers) {
    const isCovered =
      isHotStandby(readiness) && answers.some((one) => one.definition === definition && one.ready);
    if (!readiness.ready && !isCovered) return `${name} is not ready: ${readiness.answer}`;
  }
  return (await sagasUnderWay(fleet)) ?? (await unconfirmedOutbox(fleet)) ?? (await consumerLag(broker));
}

async function sagasUnderWay(fleet: Fleet): Promise<string | undefined> {
  const [row] = await query<{ count: number }>(
    fleet,
    'ordering',
    `SELECT count(*)::int AS count FROM sagas WHERE state IN ('RUNNING', 'COMPENSATING')`,
  );
  return row === undefined || row.count === 0 ? undefined : `${row.count} sagas are under way`;
}

/** A relay that has nothing to publish confirms whatever the log holds; the position asked for is that of now. */
async function unconfirmedOutbox(fleet: Fleet): Promise<string | undefined> {
  const [now] = await query<{ lsn: string }>(
    fleet,
    'postgres',
    'SELECT pg_current_wal_flush_lsn()::text AS lsn',
  );
  const slots = databases
    .filter(({ relay }) => relay !== undefined)
    .map(({ database }) => `${database}_outbox`);
  for (const slot of slots) {
    const confirmed = await confirms(fleet, slot, now?.lsn ?? '0/0');
    if (!confirmed) return `replication slot ${slot} is not confirmed`;
  }
  return undefined;
}

/** Confirmations come with keepalives, so one is waited for. */
async function confirms(fleet: Fleet, slot: string, lsn: string): Promise<boolean> {
  for (let look = 0; look < 40; look += 1) {
    const [row] = await query<{ confirmed: boolean | null }>(
      fleet,
      'postgres',
      `SELECT confirmed_flush_lsn >= $2::pg_lsn AS confirmed FROM pg_replication_slots WHERE slot_name = $1`,
      [slot, lsn],
    );
    if (row?.confirmed === true) return true;
    await sleep(500);
  }
  return false;
}

async function consumerLag(broker: NatsBroker): Promise<string | undefined> {
  const busy = (await broker.consumerLags()).filter(
    ({ waiting, unacknowledged }) => waiting + unacknowledged > 0,
  );
  if (busy.length === 0) return undefined;
  return busy
    .map(
      ({ consumer, waiting, unacknowledged }) =>
        `${consumer}: ${waiting} waiting, ${unacknowledged} unacknowledged`,
    )
    .join('; ');
}
