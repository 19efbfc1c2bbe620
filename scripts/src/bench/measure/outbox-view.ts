import { Client } from 'pg';
import { approvedKey, type Passage } from './hops';
import type { StoredMessage } from './stream';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly subject: string | null;
  readonly caused_by: string;
  readonly begun_at: number;
  readonly committed_at: number;
}

/** Needs track_commit_timestamp. The column created_at is now(), the time at which the transaction began. */
const passages = `
  SELECT id, headers->>'ce-type' AS name, headers->>'ce-subject' AS subject, headers->>'ce-causationid' AS caused_by,
         (extract(epoch FROM created_at) * 1000)::float8 AS begun_at,
         (extract(epoch FROM pg_xact_commit_timestamp(transaction_id::xid)) * 1000)::float8 AS committed_at
  FROM outbox WHERE id = ANY($1::uuid[])`;

/**
 * When these messages were made and committed, from the outboxes they came from, and stored, from the broker: by id, and
 * for the orders' approvals by {@link approvedKey} too.
 *
 * @param databaseUrls the databases with an outbox
 */
export async function passagesOf(
  stored: readonly StoredMessage[],
  databaseUrls: readonly string[],
): Promise<Map<string, Passage>> {
  const storedAt = new Map(stored.map((message) => [message.id, message.storedAt]));
  const found = new Map<string, Passage>();
  for (const url of databaseUrls) {
    for (const row of await rowsOf(url, [...storedAt.keys()])) {
      const passage: Passage = {
        id: row.id,
        name: row.name,
        causedBy: row.caused_by,
        begunAt: row.begun_at,
        committedAt: row.committed_at,
        storedAt: storedAt.get(row.id) ?? NaN,
      };
      found.set(row.id, passage);
      if (row.name === 'orderapi.OrderApproved') found.set(approvedKey(row.subject ?? ''), passage);
    }
  }
  return found;
}

async function rowsOf(url: string, ids: readonly string[]): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(passages, [ids])).rows;
  } finally {
    await client.end();
  }
}
