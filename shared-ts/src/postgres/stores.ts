import type { QueryResultRow } from 'pg';
import type { IdempotencyClaim, IdempotencyStore } from '../messaging/idempotency-store';
import { Repeated, type Inbox } from '../messaging/inbox';
import type { Outbox, OutboxRow } from '../messaging/outbox';
import type { Stores } from '../unit-of-work';
import { column, inOrderOf, texts } from './arrays';
import { sqlState } from './errors';
import { PostgresEventStore } from './event-store';
import { rowStatement } from './row-statement';
import { PostgresSagaStore } from './saga-store';
import type { PostgresSession } from './session';

/** All shared stores on one transaction. */
export const postgresStores = (session: PostgresSession): Stores => ({
  events: new PostgresEventStore(session),
  outbox: new PostgresOutbox(session),
  inbox: new PostgresInbox(session),
  sagas: new PostgresSagaStore(session),
  idempotency: new PostgresIdempotencyStore(session),
});

const addToOutbox = rowStatement<OutboxRow>(
  'outbox-add',
  (rows) => `INSERT INTO outbox (id, channel, partition_key, headers, payload) ${rows}`,
  column.uuid((row) => row.id),
  column.text((row) => row.channel),
  column.text((row) => row.partitionKey),
  column.json((row) => JSON.stringify(row.headers)),
  column.json((row) => row.payload),
);

class PostgresOutbox implements Outbox {
  constructor(private readonly session: PostgresSession) {}

  async add(rows: readonly OutboxRow[]): Promise<void> {
    await this.session.query(...addToOutbox(rows));
  }
}

const enterInbox = {
  name: 'inbox-enter',
  text: `INSERT INTO inbox (consumer, message_id)
         SELECT $1, unnest($2::text[])
         ON CONFLICT DO NOTHING RETURNING message_id`,
};

// Without asking for conflicts: a row that may meet one is written into the log twice, once in doubt and once confirmed.
const enterNewIntoInbox = {
  name: 'inbox-enter-new',
  text: 'INSERT INTO inbox (consumer, message_id) SELECT $1, unnest($2::text[])',
};

// The transaction's id leads to the few rows that were written with the message; its time leads to their partition.
const repliesInOutbox = {
  name: 'inbox-replies',
  text: `SELECT o.id, o.channel, o.partition_key AS "partitionKey", o.headers, o.payload::text AS payload
         FROM inbox i JOIN outbox o ON o.transaction_id = i.transaction_id AND o.created_at = i.handled_at
         WHERE i.consumer = $1 AND i.message_id = ANY($2::text[]) AND o.headers->>'ce-inreplyto' = i.message_id`,
};

const inOrder = (messageIds: readonly string[]) => texts(inOrderOf((id) => id, messageIds));

class PostgresInbox implements Inbox {
  constructor(private readonly session: PostgresSession) {}

  async enter(consumer: string, messageIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.session.query<{ message_id: string }>(enterInbox, [
      consumer,
      inOrder(messageIds),
    ]);
    const entered = new Set<string>();
    for (const { message_id } of rows) entered.add(message_id);
    return entered;
  }

  async enterNew(consumer: string, messageIds: readonly string[]): Promise<void> {
    try {
      await this.session.query(enterNewIntoInbox, [consumer, inOrder(messageIds)]);
    } catch (error) {
      // 23505 unique_violation: one is there, entered by a transaction that has committed meanwhile at the latest.
      if (sqlState(error) !== '23505') throw error;
      throw new Repeated('a message was handled before', { cause: error });
    }
  }

  repliesTo(consumer: string, messageIds: readonly string[]): Promise<OutboxRow[]> {
    return this.session.query<OutboxRow & QueryResultRow>(repliesInOutbox, [consumer, texts(messageIds)]);
  }
}

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

type Answered = { fingerprint: string; answer: unknown };

class PostgresIdempotencyStore implements IdempotencyStore {
  constructor(private readonly session: PostgresSession) {}

  async claim({ scope, key, fingerprint }: IdempotencyClaim): Promise<Answered | undefined> {
    const claimed = await this.session.query(claimKey, [scope, key, fingerprint]);
    if (claimed.length > 0) return undefined;
    const [earlier] = await this.session.query<Answered>(readKey, [scope, key]);
    if (earlier === undefined) throw new Error(`the idempotency key ${key} vanished while it was read`);
    return earlier;
  }

  async complete({ scope, key }: IdempotencyClaim, answer: unknown): Promise<void> {
    await this.session.query(completeKey, [scope, key, JSON.stringify(answer)]);
  }
}
