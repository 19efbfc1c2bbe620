import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { databases } from '../../infrastructure/databases';
import { superuser } from '../../infrastructure/postgres-data';
import type { LoadedSite } from '../site';
import { mark, rowsSince } from './capture';
import { withClient } from './outbox-rows';
import { copyStatement, type Shared, type TableRows } from './template';

/** So many orders are written by one statement. */
const atOnce = 1_000;
const slotInUse = '55006';

/** What one real order has left behind, by database. */
export type OrderTemplate = ReadonlyMap<string, readonly TableRows[]>;

/** Takes as a template what all databases get while `act` places one order and everything comes to rest. */
export async function templateOf(site: LoadedSite, act: () => Promise<void>): Promise<OrderTemplate> {
  const marks = new Map<string, string>();
  await inEach(site, async (database, client) => void marks.set(database, await mark(client)));
  await act();
  const template = new Map<string, TableRows[]>();
  await inEach(site, async (database, client) => {
    template.set(database, await rowsSince(client, marks.get(database) ?? '0'));
  });
  return template;
}

/**
 * Fills all databases with copies of an order, number `from` to `to`, as if they had been placed before it. The broker
 * does not get their messages: the relays' slots are made anew behind what is written here.
 */
export async function seedOrders(
  site: LoadedSite,
  template: OrderTemplate,
  shared: Shared,
  from: number,
  to: number,
): Promise<void> {
  const relays = site.fleet.members.filter(({ definition }) => definition.kind === 'relay');
  await Promise.all(relays.map(({ name }) => site.fleet.stopProcess(name)));
  await inEach(site, async (database, client) => {
    await client.query('SET session_replication_role = replica');
    await client.query('SET synchronous_commit = off');
    for (const rows of template.get(database) ?? [])
      await copy(client, copyStatement(rows, shared), from, to);
    await client.query('VACUUM ANALYZE');
  });
  await inEach(site, async (database, client) => {
    if (databases.some((each) => each.database === database && each.relay !== undefined))
      await skipToHere(client, `${database}_outbox`);
  });
  await site.counter.query('CHECKPOINT');
  await Promise.all(relays.map(({ name }) => site.fleet.startProcess(name)));
  await site.fleet.untilReady();
}

async function copy(client: Client, statement: string, from: number, to: number): Promise<void> {
  for (let first = from; first <= to; first += atOnce)
    await client.query(statement, [first, Math.min(to, first + atOnce - 1)]);
}

/** Lets a relay begin behind everything that is in its outbox now. */
async function skipToHere(client: Client, slot: string): Promise<void> {
  for (;;) {
    try {
      await client.query('SELECT pg_drop_replication_slot($1)', [slot]);
      break;
    } catch (error) {
      // The server has not noticed yet that the relay is gone.
      if (!(error instanceof Error && 'code' in error && error.code === slotInUse)) throw error;
      await sleep(100);
    }
  }
  await client.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
  await client.query(
    `UPDATE relay_checkpoint SET backlog_due = false, published_below = pg_snapshot_xmax(pg_current_snapshot())`,
  );
}

/** As superuser, in two databases at a time. */
async function inEach(
  site: LoadedSite,
  work: (database: string, client: Client) => Promise<void>,
): Promise<void> {
  const waiting = databases.map(({ database }) => database);
  const worker = async () => {
    for (let database = waiting.shift(); database !== undefined; database = waiting.shift()) {
      const to = database;
      await withClient(site.fleet.databaseUrl(to, superuser), (client) => work(to, client));
    }
  };
  await Promise.all([worker(), worker()]);
}
