import type { Pool } from 'pg';
import type { DeadLetters } from '../messaging/dead-letters';

/** Dead letters in the consumer's own database. PostgreSQL's text can't hold NUL, so it is replaced in what came from outside. */
export const postgresDeadLetters = (pool: Pool): DeadLetters => ({
  countAttempt: async (consumer, messageId) => {
    const { rows } = await pool.query<{ attempts: number }>(
      `INSERT INTO message_attempts (consumer, message_id, attempts) VALUES ($1, $2, 1)
       ON CONFLICT (message_id, consumer) DO UPDATE SET attempts = message_attempts.attempts + 1, tried_at = now()
       RETURNING attempts`,
      [consumer, messageId],
    );
    return rows[0]?.attempts ?? 1;
  },
  add: async (letter) => {
    await pool.query(
      `WITH forgotten AS (DELETE FROM message_attempts WHERE consumer = $1 AND message_id = $2)
       INSERT INTO dead_letters (consumer, message_id, subject, headers, payload, error, attempts, stream_sequence)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (message_id, consumer) DO UPDATE
       SET error = excluded.error, attempts = excluded.attempts, set_aside_at = now()`,
      [
        letter.consumer,
        withoutNul(letter.messageId),
        letter.subject,
        withoutNul(JSON.stringify(letter.headers)),
        withoutNul(letter.payload),
        withoutNul(letter.error),
        letter.attempts,
        letter.streamSequence,
      ],
    );
  },
});

const withoutNul = (text: string): string => text.replaceAll('\u0000', '\uFFFD');
