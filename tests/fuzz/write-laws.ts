import { z } from 'zod';
import { isDeepStrictEqual } from 'node:util';
import type { Database, DatabaseState } from './database-state';
import type { HttpCase } from './http-cases';
import type { Answer } from './wire';

interface Exchange {
  readonly request: HttpCase;
  readonly answer: Answer | undefined;
}

const Made = z.object({ id: z.string() });

/**
 * What the database shows that no answer has confirmed, in words. Events and outgoing messages name the request that they come from, and whatever is made
 * announces itself once.
 */
export async function effectsWithoutSuccess(
  database: Database,
  before: DatabaseState,
  exchanges: readonly Exchange[],
): Promise<string[]> {
  const after = await database.state();
  const confirmed = exchanges.filter(({ request, answer }) => request.method !== 'GET' && isSuccess(answer));
  if (confirmed.length === 0) {
    return isDeepStrictEqual(after, before)
      ? []
      : [`written without a success: ${JSON.stringify(before)} became ${JSON.stringify(after)}`];
  }
  if (isDeepStrictEqual(after, before)) return [];
  return [...(await unconfirmedRows(database, exchanges)), ...(await unannounced(database, exchanges))];
}

const isSuccess = (answer: Answer | undefined): boolean =>
  answer !== undefined && answer.status >= 200 && answer.status < 300;

const requestIdOf = ({ answer }: Exchange): string => answer?.headers['x-request-id'] ?? '';

interface OutboxRow {
  readonly headers: Readonly<Record<string, string>>;
}

/** Rows that name a request that was refused. */
async function unconfirmedRows(database: Database, exchanges: readonly Exchange[]): Promise<string[]> {
  // Ids that the server has made: one that a client chose may have been an earlier request's, too.
  const ownId = ({ request }: Exchange) => !request.headers.some(([name]) => name === 'X-Request-ID');
  const refused = new Set(
    exchanges.filter((each) => !isSuccess(each.answer) && ownId(each)).map(requestIdOf),
  );
  const outbox = await database.rows<OutboxRow>('outbox');
  const events = await database.rows<{ correlation_id: string }>('events');
  const causes = [
    ...outbox.map(({ headers }) => headers['ce-correlationid']),
    ...events.map(({ correlation_id }) => correlation_id),
  ];
  return causes
    .filter((id) => id !== undefined && refused.has(id))
    .map((id) => `written by the refused request ${id}`);
}

/** Things that were answered as made, and that have not exactly one first event. */
async function unannounced(database: Database, exchanges: readonly Exchange[]): Promise<string[]> {
  const made = new Set(
    exchanges
      .filter(({ answer }) => answer?.status === 201)
      .map(({ answer }) => Made.parse(JSON.parse(answer?.body ?? '')).id),
  );
  if (made.size === 0) return [];
  const outbox = await database.rows<OutboxRow>('outbox');
  return [...made].flatMap((id) => {
    const first = outbox.filter(
      ({ headers }) => headers['ce-subject'] === id && headers['ce-sequence'] === '1',
    );
    return first.length === 1
      ? []
      : [`${id} was made, and its first event is in the outbox ${first.length} times`];
  });
}
