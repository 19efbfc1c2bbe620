import type { Pool } from 'pg';
import { forgetOld, maintainOutbox, ofEndedSagas } from '../postgres/retention';
import type { SharedMigration } from '../postgres';
import type { Logger } from '../telemetry';

const HOUR = 3_600_000;

/**
 * Keeps the shared tables from growing for ever: now and every hour.
 * @param outboxRetention how long published rows stay in the outbox, in milliseconds
 * @returns stops it
 */
export function startMaintenance(
  pool: Pool,
  schemas: readonly SharedMigration[],
  outboxRetention: number,
  logger: Logger,
): () => Promise<void> {
  const maintain = async (): Promise<void> => {
    try {
      if (schemas.includes('outbox')) await maintainOutbox(pool, outboxRetention, new Date());
      if (schemas.includes('inbox')) {
        await forgetOld(pool, 'inbox', 'handled_at');
        await forgetOld(pool, 'message_attempts', 'tried_at');
      }
      if (schemas.includes('idempotency')) await forgetOld(pool, 'idempotency_keys', 'created_at');
      if (schemas.includes('sagas')) await forgetOld(pool, 'saga_history', 'at', ofEndedSagas);
    } catch (error) {
      logger.warn({ err: error }, 'maintenance failed and is tried again in an hour');
    }
  };
  let running = maintain();
  const timer = setInterval(() => {
    running = running.then(maintain);
  }, HOUR);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
