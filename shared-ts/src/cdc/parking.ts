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

/**
 * Locks the message that leaves the parking last: either the new one is there before that one is deleted, and
 * whoever empties the parking finds it, or there is nothing to be behind of.
 */
const INSERT_BEHIND = `
  WITH ahead AS (
    SELECT id FROM outbox_parked WHERE partition_key = $4 AND position <= $3
    ORDER BY position DESC LIMIT 1 FOR SHARE
  ), parked AS (
    INSERT INTO outbox_parked (id, transaction_id, position, partition_key, channel, reason)
    SELECT $1, $2, $3, $4, $5, 'behind ' || coalesce((
      SELECT first.id FROM outbox_parked first WHERE first.partition_key = $4 ORDER BY first.position LIMIT 1
    ), ahead.id) || ' of the same key'
    FROM ahead ON CONFLICT (id) DO NOTHING
  )
  SELECT FROM ahead`;

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
    const { id, transactionId, position, partitionKey, channel } = record;
    const { rowCount } = await this.pool.query(INSERT_BEHIND, [
      id,
      transactionId,
      position,
      partitionKey,
      channel,
    ]);
    return rowCount === 1;
  }
}

/** The parking while it is emptied: what is refused again stays there, with the later ones of its key. */
export class RefusedAgain implements Parking {
  constructor(private readonly pool: Pool) {}

  async load(): Promise<Map<string, bigint>> {
    return new Map();
  }

  async park(record: OutboxRecord, reason: string): Promise<void> {
    await this.pool.query('UPDATE outbox_parked SET reason = $2 WHERE id = $1', [record.id, reason]);
  }

  async parkBehind(): Promise<boolean> {
    return true;
  }
}

/** A message that waits in the parking, as an operator sees it. */
export interface ParkedMessage {
  readonly id: string;
  readonly channel: string;
  readonly partition_key: string;
  readonly parked_at: Date;
  readonly reason: string;
}

/** What is parked, in the order of its keys. */
export async function listParked(pool: Pool): Promise<ParkedMessage[]> {
  const { rows } = await pool.query<ParkedMessage>(
    'SELECT id, channel, partition_key, parked_at, reason FROM outbox_parked ORDER BY position',
  );
  return rows;
}
