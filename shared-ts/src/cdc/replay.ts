import { Pool } from 'pg';
import { Backlog, publishPages } from './backlog';
import { PostgresParking } from './parking';
import { DEFAULT_LIMITS, PublishingPipeline } from './publishing';
import type { RelayOptions } from './relay';

export interface ReplayOptions extends RelayOptions {
  /** Rows written at this time or later are published. */
  readonly from: Date;
}

/**
 * Publishes again what the outbox retains, e.g. after the broker lost its stream. Safe at any time and
 * beside a running relay: ids stay the same, so the broker drops what it took within its duplicate window,
 * and the consumers' inboxes drop the rest. Rows of parked keys stay parked; take them out of outbox_parked
 * first to publish them.
 * @returns how many rows were published
 */
export async function replayOutbox(options: ReplayOptions): Promise<number> {
  const { databaseUrl, relayId, publisher, metrics, log, limits = DEFAULT_LIMITS, from } = options;
  const pool = new Pool({ connectionString: databaseUrl, application_name: `${relayId} replay`, max: 2 });
  const parking = new PostgresParking(pool);
  const pipeline = new PublishingPipeline({
    publisher,
    parking,
    limits,
    metrics,
    log,
    onConfirmed: () => undefined,
  });
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
 * The time of `replay --from <RFC 3339 time>` in a process's arguments; undefined when they ask for no
 * replay. Throws when it is no time.
 */
export function replayFrom(args: readonly string[]): Date | undefined {
  if (args[0] !== 'replay') return undefined;
  const [, option, text, ...rest] = args;
  const usage = 'usage: replay --from <RFC 3339 time>, e.g. replay --from 2026-11-01T00:00:00Z';
  if (option !== '--from' || text === undefined || rest.length > 0) throw new Error(usage);
  const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;
  const time = new Date(text);
  if (!rfc3339.test(text) || Number.isNaN(time.getTime())) throw new Error(`${text} is no time; ${usage}`);
  return time;
}
