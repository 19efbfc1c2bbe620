import type { Pool, PoolClient } from 'pg';
import type { TransactionId } from './checkpoint';
import type { OutboxRecord } from './outbox-record';
import type { PublishingPipeline } from './publishing';

/** Rows that are fetched at a time. */
export const PAGE_SIZE = 200;

/** What the server's current snapshot says of transactions. */
export interface Horizon {
  /** All transactions below have ended: what they wrote is visible, and nothing is added to it. */
  readonly endedBelow: TransactionId;
  /** No transaction from here on has begun. */
  readonly begunBelow: TransactionId;
}

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
 * Reads the outbox as a table, by windows of transaction ids. A window ends where all transactions below
 * have ended, so no row is added to it later. (`position > last` would lose rows: positions are not in
 * commit order.)
 *
 * Within a window rows come by position. Rows of one aggregate are written one after another under its
 * lock, so position is their order, while transaction ids need not be: a transaction may have got its id
 * before it waited for the lock.
 */
export class Backlog {
  constructor(private readonly pool: Pool) {}

  async horizon(): Promise<Horizon> {
    const { rows } = await this.pool.query<{ ended: string; begun: string }>(
      `SELECT pg_snapshot_xmin(s)::text AS ended, pg_snapshot_xmax(s)::text AS begun
       FROM pg_current_snapshot() AS s`,
    );
    const row = rows[0];
    if (!row) throw new Error('no snapshot');
    return { endedBelow: BigInt(row.ended), begunBelow: BigInt(row.begun) };
  }

  /**
   * The end of the window that begins at `from`, or undefined when it is empty. One cheap statement, for
   * polling.
   */
  async nextWindowEnd(from: TransactionId): Promise<TransactionId | undefined> {
    const { rows } = await this.pool.query<{ ended: string }>({
      name: 'outbox-next-window',
      text: `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS ended
             WHERE EXISTS (SELECT FROM outbox WHERE transaction_id >= $1::xid8
                           AND transaction_id < pg_snapshot_xmin(pg_current_snapshot()))`,
      values: [from.toString()],
    });
    return rows[0] && BigInt(rows[0].ended);
  }

  /** The pages of the transactions from `from` (included) to `to` (not included). */
  window(from: TransactionId, to: TransactionId): AsyncGenerator<OutboxRecord[]> {
    return this.pages(`transaction_id >= '${from}'::xid8 AND transaction_id < '${to}'::xid8`);
  }

  /** The pages of what was written since a time and has been committed by now. */
  since(time: Date): AsyncGenerator<OutboxRecord[]> {
    return this.pages(
      `created_at >= '${time.toISOString()}'::timestamptz
       AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())`,
    );
  }

  private async *pages(condition: string): AsyncGenerator<OutboxRecord[]> {
    const client = await this.pool.connect();
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
      // An abandoned or failed reading leaves a transaction open: the connection goes with it.
      client.release(!intact);
    }
  }
}

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
