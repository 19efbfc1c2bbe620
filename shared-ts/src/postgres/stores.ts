import type { QueryResultRow } from 'pg';
import type { IdempotencyStore } from '../messaging/idempotency-store';
import type { Inbox } from '../messaging/inbox';
import type { Outbox, OutboxRow } from '../messaging/outbox';
import type { Stores } from '../unit-of-work';
import { column, columns, texts } from './arrays';
import { postgresEventStore } from './event-store';
import { postgresSagaStore } from './saga-store';
import type { PostgresSession } from './session';

/** All shared stores on one transaction. */
export const postgresStores = (session: PostgresSession): Stores => ({
  events: postgresEventStore(session),
  outbox: postgresOutbox(session),
  inbox: postgresInbox(session),
  sagas: postgresSagaStore(session),
  idempotency: postgresIdempotencyStore(session),
});

const addToOutbox = {
  name: 'outbox-add',
  text: `INSERT INTO outbox (id, channel, partition_key, headers, payload)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::json[], $5::json[])`,
};

const outboxColumns = columns<OutboxRow>(
  column.uuid((row) => row.id),
  column.text((row) => row.channel),
  column.text((row) => row.partitionKey),
  column.json((row) => JSON.stringify(row.headers)),
  column.json((row) => row.payload),
);

const postgresOutbox = (session: PostgresSession): Outbox => ({
  add: async (rows) => {
    await session.query(addToOutbox, outboxColumns(rows));
  },
});

// Ordered, so that two replicas with overlapping batches wait for each other instead of deadlocking.
const enterInbox = {
  name: 'inbox-enter',
  text: `INSERT INTO inbox (consumer, message_id)
         SELECT $1, id FROM unnest($2::text[]) AS id ORDER BY id COLLATE "C"
         ON CONFLICT DO NOTHING RETURNING message_id`,
};

// The transaction's id leads to the few rows that were written with the message; its time leads to their partition.
const repliesInOutbox = {
  name: 'inbox-replies',
  text: `SELECT o.id, o.channel, o.partition_key AS "partitionKey", o.headers, o.payload::text AS payload
         FROM inbox i JOIN outbox o ON o.transaction_id = i.transaction_id AND o.created_at = i.handled_at
         WHERE i.consumer = $1 AND i.message_id = ANY($2::text[]) AND o.headers->>'ce-inreplyto' = i.message_id`,
};

const postgresInbox = (session: PostgresSession): Inbox => ({
  enter: async (consumer, messageIds) => {
    const rows = await session.query<{ message_id: string }>(enterInbox, [consumer, texts(messageIds)]);
    const entered = new Set<string>();
    for (const { message_id } of rows) entered.add(message_id);
    return entered;
  },
  repliesTo: (consumer, messageIds) =>
    session.query<OutboxRow & QueryResultRow>(repliesInOutbox, [consumer, texts(messageIds)]),
});

const claimKey = {
  name: 'idempotency-claim',
  text: `INSERT INTO idempotency_keys (scope, key, fingerprint) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING key`,
};
const readKey = {
  name: 'idempotency-read',
  text: 'SELECT fingerprint, answer FROM idempotency_keys WHERE scope = $1 AND key = $2',
};
const completeKey = {
  name: 'idempotency-complete',
  text: 'UPDATE idempotency_keys SET answer = $3 WHERE scope = $1 AND key = $2',
};

const postgresIdempotencyStore = (session: PostgresSession): IdempotencyStore => ({
  claim: async ({ scope, key, fingerprint }) => {
    const claimed = await session.query(claimKey, [scope, key, fingerprint]);
    if (claimed.length > 0) return undefined;
    const [earlier] = await session.query<{ fingerprint: string; answer: unknown }>(readKey, [scope, key]);
    if (earlier === undefined) throw new Error(`the idempotency key ${key} vanished while it was read`);
    return earlier;
  },
  complete: async ({ scope, key }, answer) => {
    await session.query(completeKey, [scope, key, JSON.stringify(answer)]);
  },
});
