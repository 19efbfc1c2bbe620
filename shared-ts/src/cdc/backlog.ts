import type { Pool, PoolClient } from 'pg';
import type { OutboxRecord } from './outbox-record';
import type { PublishingPipeline } from './publishing';
import { TransactionSnapshot } from './transaction-snapshot';

/** Rows that are fetched at a time. */
export const PAGE_SIZE = 200;

interface Row {
  readonly id: string;
  readonly channel: string;
  readonly partition_key: string;
  readonly headers: string;
  readonly payload: string;
  readonly since: number;
  readonly transaction_id: string;
  readonly position: string;
}

const COLUMNS = `id, channel, partition_key, headers::text, payload::text, transaction_id::text, position::text,
  (extract(epoch FROM created_at) * 1000)::float8 AS since`;

/**
 * Reads the outbox as a table, by the difference of two snapshots: the rows of the transactions that the later
 * one sees and the earlier one does not. Each transaction is in exactly one difference, however long it ran.
 * (`position > last` would lose rows, since positions are not in commit order.)
 *
 * Within a difference rows come by position. That keeps the order of a partition key: its writers wait for one
 * another, so of two of them the earlier is seen by the same snapshot or by one before, and has the lower
 * position. Transaction ids would not do: a transaction may get its id long before it waits for its turn.
 */
export class Backlog {
  constructor(private readonly pool: Pool) {}

  async snapshot(): Promise<TransactionSnapshot> {
    const { rows } = await this.pool.query<{ text: string }>('SELECT pg_current_snapshot()::text AS text');
    const row = rows[0];
    if (!row) throw new Error('no snapshot');
    return TransactionSnapshot.parse(row.text);
  }

  /** The present snapshot if it sees rows that the earlier one does not. One cheap statement, for polling. */
  async newerThan(earlier: TransactionSnapshot): Promise<TransactionSnapshot | undefined> {
    const { rows } = await this.pool.query<{ text: string }>({
      name: 'outbox-newer-than',
      text: `SELECT pg_current_snapshot()::text AS text WHERE EXISTS (
               SELECT FROM outbox WHERE transaction_id >= pg_snapshot_xmin($1::pg_snapshot)
               AND NOT pg_visible_in_snapshot(transaction_id, $1::pg_snapshot))`,
      values: [earlier.text],
    });
    return rows[0] && TransactionSnapshot.parse(rows[0].text);
  }

  /** The pages of what the later snapshot sees and the earlier one does not. */
  between(earlier: TransactionSnapshot, later: TransactionSnapshot): AsyncGenerator<OutboxRecord[]> {
    return this.pages(
      `transaction_id >= '${earlier.endedBelow}'::xid8 AND transaction_id < '${later.begunBelow}'::xid8
       AND NOT pg_visible_in_snapshot(transaction_id, '${earlier.text}')
       AND pg_visible_in_snapshot(transaction_id, '${later.text}')`,
    );
  }

  /** The pages of what was written since a time and has been committed by now. */
  since(time: Date): AsyncGenerator<OutboxRecord[]> {
    return this.pages(`created_at >= '${time.toISOString()}'::timestamptz`);
  }

  /** The pages of what is parked. */
  parked(): AsyncGenerator<OutboxRecord[]> {
    return this.pages('(transaction_id, position) IN (SELECT transaction_id, position FROM outbox_parked)');
  }

  private async *pages(condition: string): AsyncGenerator<OutboxRecord[]> {
    const client = await this.pool.connect();
    // One that breaks while a page is worked off says so by an event, which would end the process; the next FETCH fails.
    client.on('error', ignore);
    let intact = false;
    try {
      // A cursor sorts once and holds only a page in memory.
      await client.query(
        `BEGIN READ ONLY;
         DECLARE outbox_pages NO SCROLL CURSOR FOR
         SELECT ${COLUMNS} FROM outbox WHERE ${condition} ORDER BY outbox.position`,
      );
      for (;;) {
        const page = await fetchPage(client);
        if (page.length > 0) yield page;
        if (page.length < PAGE_SIZE) break;
      }
      await client.query('COMMIT');
      intact = true;
    } finally {
      client.off('error', ignore);
      // An abandoned or failed reading leaves a transaction open: the connection goes with it.
      client.release(!intact);
    }
  }
}

const ignore = (): void => undefined;

/** Puts pages into a pipeline as one batch, at the pipeline's pace. Gives the number of rows. */
export async function publishPages(
  pipeline: PublishingPipeline,
  pages: AsyncIterable<OutboxRecord[]>,
  position: bigint,
): Promise<number> {
  const batch = pipeline.begin();
  let count = 0;
  for await (const page of pages) {
    for (const record of page) pipeline.add(batch, record);
    count += page.length;
    await pipeline.room();
  }
  pipeline.end(batch, position);
  return count;
}

async function fetchPage(client: PoolClient): Promise<OutboxRecord[]> {
  const { rows } = await client.query<Row>(`FETCH ${PAGE_SIZE} FROM outbox_pages`);
  return rows.map((row) => ({
    id: row.id,
    channel: row.channel,
    partitionKey: row.partition_key,
    headers: row.headers,
    payload: Buffer.from(row.payload),
    since: row.since,
    transactionId: row.transaction_id,
    position: row.position,
  }));
}
