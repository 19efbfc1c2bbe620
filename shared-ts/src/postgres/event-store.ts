import {
  ConcurrencyConflict,
  type EventStore,
  type EventStream,
  type NewEvent,
  type Snapshot,
  type StoredEvent,
} from '../event-sourcing';
import { column, columns, uuids } from './arrays';
import { sqlState } from './errors';
import { rowStatement } from './row-statement';
import type { PostgresSession } from './session';

// One round trip for any number of aggregates: the snapshot (as a row of type NULL) and the events after it.
const load = {
  name: 'event-store-load',
  text: `WITH fitting AS (
           SELECT aggregate_id, version, state FROM snapshots
           WHERE aggregate_id = ANY($1::uuid[]) AND aggregate_name = $2 AND snapshot_version = $3
         )
         SELECT aggregate_id, version, NULL AS type, state AS data FROM fitting
         UNION ALL
         SELECT e.aggregate_id, e.version, e.type, e.data FROM events e LEFT JOIN fitting f USING (aggregate_id)
         WHERE e.aggregate_id = ANY($1::uuid[]) AND e.aggregate_name = $2 AND e.version > coalesce(f.version, 0)
         ORDER BY 1, 2`,
};

const append = rowStatement<NewEvent>(
  'event-store-append',
  (rows) =>
    `INSERT INTO events (aggregate_name, aggregate_id, version, type, data, correlation_id, causation_id) ${rows}`,
  column.text((event) => event.aggregateName),
  column.uuid((event) => event.aggregateId),
  column.integer((event) => event.version),
  column.text((event) => event.type),
  column.json((event) => JSON.stringify(event.data)),
  column.text((event) => event.correlationId),
  column.text((event) => event.causationId),
);

const saveSnapshots = {
  name: 'event-store-snapshots',
  text: `INSERT INTO snapshots (aggregate_name, aggregate_id, version, snapshot_version, state)
         SELECT unnest($1::text[]), unnest($2::uuid[]), unnest($3::int[]), unnest($4::int[]), unnest($5::json[])
         ON CONFLICT (aggregate_id, aggregate_name) DO UPDATE
         SET version = excluded.version, snapshot_version = excluded.snapshot_version, state = excluded.state
         WHERE snapshots.version < excluded.version OR snapshots.snapshot_version <> excluded.snapshot_version`,
};

interface Row {
  aggregate_id: string;
  version: number;
  type: string | null;
  data: unknown;
}

const snapshotColumns = columns<Snapshot>(
  column.text((snapshot) => snapshot.aggregateName),
  column.uuid((snapshot) => snapshot.aggregateId),
  column.integer((snapshot) => snapshot.version),
  column.integer((snapshot) => snapshot.snapshotVersion),
  column.json((snapshot) => JSON.stringify(snapshot.state)),
);

export class PostgresEventStore implements EventStore {
  constructor(private readonly session: PostgresSession) {}

  async load(
    { name, snapshotVersion }: { readonly name: string; readonly snapshotVersion: number },
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, EventStream>> {
    const streams = new Map<string, { snapshot?: EventStream['snapshot']; events: StoredEvent[] }>();
    for (const row of await this.session.query<Row>(load, [uuids(ids), name, snapshotVersion])) {
      const stream = streams.get(row.aggregate_id) ?? { events: [] };
      streams.set(row.aggregate_id, stream);
      if (row.type === null) stream.snapshot = { version: row.version, state: row.data };
      else stream.events.push({ version: row.version, type: row.type, data: row.data });
    }
    return streams;
  }

  async append(events: readonly NewEvent[]): Promise<void> {
    try {
      await this.session.query(...append(events));
    } catch (error) {
      // 23505 unique_violation: the version is taken.
      if (sqlState(error) !== '23505') throw error;
      throw new ConcurrencyConflict('an aggregate was changed since it was loaded', { cause: error });
    }
  }

  async saveSnapshots(snapshots: readonly Snapshot[]): Promise<void> {
    await this.session.query(saveSnapshots, snapshotColumns(snapshots));
  }
}
