import { Client } from 'pg';

/** So many rows are committed together, about as many as a transaction of the order service has. */
const rowsPerCommit = 3;

/** What rows of an outbox say, each under a key of its own. */
export interface RowKind {
  readonly channel: string;
  /** The message's name. */
  readonly type: string;
  /** An SQL expression of type json; may use the columns `id` and `key`. */
  readonly payload: string;
}

/** Gives the number of rows that {@link prepareRows} writes when it is asked for so many. */
export const preparedRows = (rows: number): number => Math.ceil(rows / rowsPerCommit) * rowsPerCommit;

/**
 * Writes rows as orders make them. As a procedure's body, it can commit as it goes; it does not wait for the disk,
 * since the writing is not what is measured.
 */
export const prepareRows = (kind: RowKind, rows: number): string => `DO $$
  BEGIN
    PERFORM set_config('synchronous_commit', 'off', false);
    FOR n IN 1..${Math.ceil(rows / rowsPerCommit)} LOOP
      ${insertRows(kind, rowsPerCommit)};
      COMMIT;
    END LOOP;
  END $$`;

/** Writes rows with one statement. */
export const insertRows = ({ channel, type, payload }: RowKind, rows: number): string => `
  INSERT INTO outbox (id, channel, partition_key, headers, payload)
  SELECT id, '${channel}', key, json_build_object(
           'content-type', 'application/json', 'ce-specversion', '1.0', 'ce-id', id, 'ce-source', '/ftgo/order-service',
           'ce-type', '${type}', 'ce-time', now(), 'ce-messagekind', 'event', 'ce-partitionkey', key,
           'ce-correlationid', id, 'ce-causationid', id, 'ce-subject', key, 'ce-sequence', '1'),
         ${payload}
  FROM (SELECT gen_random_uuid() AS id, gen_random_uuid()::text AS key FROM generate_series(1, ${rows})) AS made`;

/** Works with a connection of its own. */
export async function withClient<Result>(
  databaseUrl: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
