import { Pool } from 'pg';
import { MEMORY_DAYS } from '../postgres/retention';
import { Backlog, publishPages } from './backlog';
import { PostgresParking, RefusedAgain, type Parking } from './parking';
import { DEFAULT_LIMITS, PublishingPipeline } from './publishing';
import type { RelayOptions } from './relay';

export interface ReplayOptions extends RelayOptions {
  /** Rows written at this time or later are published, but none that is older than {@link REPLAYABLE_DAYS}. */
  readonly from: Date;
}

/**
 * How far back a replay goes, in days. Services would handle again what they have forgotten that they handled; the last day of their memory is left for them to take in what
 * comes again.
 */
export const REPLAYABLE_DAYS = MEMORY_DAYS - 1;

/**
 * Publishes again what the outbox retains, e.g. after the broker lost its stream. Safe at any time and
 * beside a running relay: ids stay the same, so the broker drops what it took within its duplicate window,
 * and the consumers' inboxes drop the rest. What is so old that these may have forgotten it is left out: the outbox keeps it only
 * where a parked message keeps its day. Rows of parked keys stay parked; see {@link publishParked}.
 * @returns how many rows were published
 */
export async function replayOutbox(options: ReplayOptions): Promise<number> {
  const oldest = Date.now() - REPLAYABLE_DAYS * 86_400_000;
  const from = new Date(Math.max(options.from.getTime(), oldest));
  const pool = openPool(options);
  const pipeline = openPipeline(options, new PostgresParking(pool));
  try {
    await pipeline.prepare();
    await publishPages(pipeline, new Backlog(pool).since(from), 0n);
    await pipeline.drained();
    return pipeline.published;
  } finally {
    pipeline.abort();
    await pool.end();
  }
}

/**
 * Publishes what is parked, once the cause is gone, e.g. the broker's size limit was raised. A message leaves
 * the parking when the broker has stored it; one that is refused again stays, with the later ones of its key.
 * Safe beside a running relay: what that parks meanwhile behind a message that still waits is published, too.
 * @returns how many messages were published
 */
export async function publishParked(options: RelayOptions): Promise<number> {
  const pool = openPool(options);
  const { publisher } = options;
  const pipeline = openPipeline(
    {
      ...options,
      publisher: {
        get connected() {
          return publisher.connected;
        },
        async publish(message) {
          await publisher.publish(message);
          await pool.query('DELETE FROM outbox_parked WHERE id = $1', [message.id]);
        },
      },
    },
    new RefusedAgain(pool),
  );
  try {
    for (;;) {
      const before = pipeline.published;
      await publishPages(pipeline, new Backlog(pool).parked(), 0n);
      await pipeline.drained();
      if (pipeline.published === before) return before;
    }
  } finally {
    pipeline.abort();
    await pool.end();
  }
}

function openPool({ databaseUrl, relayId }: RelayOptions): Pool {
  const pool = new Pool({ connectionString: databaseUrl, application_name: `${relayId} replay`, max: 2 });
  // An idle connection that breaks is only replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

function openPipeline(options: RelayOptions, parking: Parking): PublishingPipeline {
  const { publisher, metrics, log, limits = DEFAULT_LIMITS } = options;
  const onConfirmed = (): void => undefined;
  return new PublishingPipeline({ publisher, parking, limits, metrics, log, onConfirmed });
}
