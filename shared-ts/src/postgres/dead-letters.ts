import type { Pool } from 'pg';
import type { DeadLetters, WaitingDeadLetter, WaitingDeadLetters } from '../messaging/dead-letters';

/** Dead letters in the consumer's own database. PostgreSQL's text can't hold NUL, so it is replaced in what came from outside. */
export const postgresDeadLetters = (pool: Pool): DeadLetters => ({
  countAttempt: async (consumer, messageId) => {
    const { rows } = await pool.query<{ attempts: number }>(
      `INSERT INTO message_attempts (consumer, message_id, attempts)
       SELECT $1, $2, 1 WHERE NOT EXISTS (SELECT FROM inbox WHERE consumer = $1 AND message_id = $2)
       ON CONFLICT (message_id, consumer) DO UPDATE SET attempts = message_attempts.attempts + 1, tried_at = now()
       RETURNING attempts`,
      [consumer, messageId],
    );
    return rows[0]?.attempts ?? 0;
  },
  add: async (letter) => {
    await pool.query(
      `WITH forgotten AS (DELETE FROM message_attempts WHERE consumer = $1 AND message_id = $2)
       INSERT INTO dead_letters (consumer, message_id, subject, headers, payload, error, attempts, stream_sequence)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (message_id, consumer) DO UPDATE
       SET subject = excluded.subject, headers = excluded.headers, payload = excluded.payload, error = excluded.error,
           attempts = excluded.attempts, stream_sequence = excluded.stream_sequence, set_aside_at = now()`,
      [
        letter.consumer,
        withoutNul(letter.messageId),
        withoutNul(letter.subject),
        withoutNul(JSON.stringify(letter.headers)),
        letter.payload,
        withoutNul(letter.error),
        letter.attempts,
        letter.streamSequence,
      ],
    );
  },
});

/** The dead letters of a database, for its operators. */
export const waitingDeadLetters = (pool: Pool): WaitingDeadLetters => ({
  list: async () => {
    // The headers are taken whole: PostgreSQL refuses to look into JSON that has an escaped NUL anywhere.
    const { rows } = await pool.query<LetterRow>(
      `SELECT consumer, message_id, subject, headers, error, attempts, stream_sequence, set_aside_at, xmin::text AS version
       FROM dead_letters ORDER BY set_aside_at, stream_sequence`,
    );
    return rows.map(toLetter);
  },
  payloadOf: async ({ consumer, messageId, version }) => {
    const { rows } = await pool.query<{ payload: Buffer }>(
      `SELECT payload FROM dead_letters WHERE consumer = $1 AND message_id = $2 AND xmin::text = $3`,
      [consumer, messageId, version],
    );
    return rows[0]?.payload;
  },
  remove: async ({ consumer, messageId, version }) => {
    const { rowCount } = await pool.query(
      `WITH removed AS (DELETE FROM dead_letters WHERE consumer = $1 AND message_id = $2 AND xmin::text = $3
                        RETURNING consumer, message_id),
       forgotten AS (DELETE FROM message_attempts a USING removed r
                     WHERE a.consumer = r.consumer AND a.message_id = r.message_id)
       SELECT 1 FROM removed`,
      [consumer, messageId, version],
    );
    return rowCount === 1;
  },
  count: async (consumer) => {
    const { rows } = await pool.query<{ waiting: number }>(
      'SELECT count(*)::integer AS waiting FROM dead_letters WHERE consumer = $1',
      [consumer],
    );
    return rows[0]?.waiting ?? 0;
  },
});

interface LetterRow {
  readonly consumer: string;
  readonly message_id: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly error: string;
  readonly attempts: number;
  /** A bigint, which pg gives as text. */
  readonly stream_sequence: string;
  readonly set_aside_at: Date;
  readonly version: string;
}

const toLetter = (row: LetterRow): WaitingDeadLetter => ({
  consumer: row.consumer,
  messageId: row.message_id,
  subject: row.subject,
  headers: row.headers,
  error: row.error,
  attempts: row.attempts,
  streamSequence: Number(row.stream_sequence),
  setAsideAt: row.set_aside_at,
  version: row.version,
});

const withoutNul = (text: string): string => text.replaceAll('\u0000', '\uFFFD');
