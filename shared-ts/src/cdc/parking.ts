import type { Pool } from 'pg';
import type { OutboxRecord } from './outbox-record';

/** Where messages are put that can't be published. */
export interface Parking {
  /** The parked keys, each with the position of its first parked message. */
  load(): Promise<Map<string, bigint>>;
  /** Puts aside a message that can never be published. Doing it again changes nothing. */
  park(record: OutboxRecord, reason: string): Promise<void>;
  /**
   * Puts aside a message whose key has an earlier parked one, so that the key's order is kept. False when
   * there is none (any more): an operator has taken it out, and this message is to be published.
   */
  parkBehind(record: OutboxRecord): Promise<boolean>;
}

const INSERT = `
  INSERT INTO outbox_parked (id, transaction_id, position, partition_key, channel, reason)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`;

/** Parking in the table `outbox_parked` beside the outbox. */
export class PostgresParking implements Parking {
  constructor(private readonly pool: Pool) {}

  async load(): Promise<Map<string, bigint>> {
    const { rows } = await this.pool.query<{ partition_key: string; position: string }>(
      'SELECT partition_key, min(position)::text AS position FROM outbox_parked GROUP BY partition_key',
    );
    return new Map(rows.map((row) => [row.partition_key, BigInt(row.position)]));
  }

  async park(record: OutboxRecord, reason: string): Promise<void> {
    const { id, transactionId, position, partitionKey, channel } = record;
    await this.pool.query(INSERT, [id, transactionId, position, partitionKey, channel, reason]);
  }

  async parkBehind(record: OutboxRecord): Promise<boolean> {
    const { rows } = await this.pool.query<{ id: string }>(
      `SELECT id FROM outbox_parked WHERE partition_key = $1 AND position <= $2 ORDER BY position LIMIT 1`,
      [record.partitionKey, record.position],
    );
    const first = rows[0];
    if (!first) return false;
    await this.park(record, `behind ${first.id} of the same key`);
    return true;
  }
}
