import { Client } from 'pg';
import type { LoadedSite } from '../site';

/** Where each step of an order leaves one event, and nothing else may. */
const steps = [
  { what: 'placed', database: 'ordering', types: ['orderapi.OrderCreated'], order: 'aggregate_id::text' },
  {
    what: 'ended',
    database: 'ordering',
    types: ['orderapi.OrderApproved', 'orderapi.OrderRejected'],
    order: 'aggregate_id::text',
  },
  {
    what: 'put on a ticket',
    database: 'kitchen',
    types: ['kitchen.TicketOpened'],
    order: `data->>'orderId'`,
  },
  {
    what: 'authorized',
    database: 'accounting',
    types: ['accounting.OrderAuthorized'],
    order: 'aggregate_id::text',
  },
] as const;

const findingsKept = 5;

/** The time of the databases' clock. */
export async function databaseTime(site: LoadedSite): Promise<Date> {
  const [row] = await site.counter.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return row?.now ?? new Date();
}

/**
 * Looks into the databases for what became of orders.
 * @param since all orders since then must be among those that were accepted
 * @returns what must not be: orders that were accepted and are not there, that nobody was promised, or to which something happened twice or never
 */
export async function auditOrders(
  site: LoadedSite,
  acceptedIds: readonly string[],
  since: Date,
): Promise<string[]> {
  const findings: string[] = [];
  for (const { what, database, types, order } of steps) {
    const counts = await countsByOrder(
      site.fleet.databaseUrl(database),
      `SELECT ${order} AS id, count(*)::int AS count FROM events WHERE type = ANY($1) AND recorded_at >= $2 GROUP BY 1`,
      [types, since],
    );
    findings.push(...compare(what, acceptedIds, counts));
  }
  return findings;
}

/** Findings about one step: how often it was taken for each order, which must be once for each that was accepted. */
export function compare(
  what: string,
  acceptedIds: readonly string[],
  counts: ReadonlyMap<string, number>,
): string[] {
  const accepted = new Set(acceptedIds);
  const wrong = acceptedIds.filter((id) => counts.get(id) !== 1);
  const foreign = [...counts.keys()].filter((id) => !accepted.has(id));
  const lines = [
    ...wrong.map((id) => `order ${id} was accepted, and ${what} ${counts.get(id) ?? 0} times`),
    ...foreign.map((id) => `order ${id} was ${what}, and nobody was told that it was accepted`),
  ];
  const more = lines.length - findingsKept;
  return more > 0 ? [...lines.slice(0, findingsKept), `... and ${more} more like these`] : lines;
}

async function countsByOrder(
  url: string,
  text: string,
  values: readonly unknown[],
): Promise<Map<string, number>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; count: number }>(text, [...values]);
    return new Map(rows.map(({ id, count }) => [id, count]));
  } finally {
    await client.end();
  }
}
