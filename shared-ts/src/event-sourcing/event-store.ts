/** An event as it stands in an aggregate's stream. */
export interface StoredEvent {
  readonly version: number;
  readonly type: string;
  readonly data: unknown;
}

/** An event on its way into the store. */
export interface NewEvent extends StoredEvent {
  readonly aggregateName: string;
  readonly aggregateId: string;
  readonly correlationId: string;
  readonly causationId: string;
}

/** The state of an aggregate at one version, so that a long stream need not be read from its start. */
export interface Snapshot {
  readonly aggregateName: string;
  readonly aggregateId: string;
  readonly version: number;
  /** The aggregate type's `snapshotVersion` when it was taken. */
  readonly snapshotVersion: number;
  readonly state: unknown;
}

/** What is read to rebuild one aggregate: a snapshot, if there is one that fits, and the events after it in order. */
export interface EventStream {
  readonly snapshot?: Pick<Snapshot, 'version' | 'state'>;
  readonly events: readonly StoredEvent[];
}

/** Somebody else has written to the aggregate since it was loaded; what was decided must be decided again. */
export class ConcurrencyConflict extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConcurrencyConflict';
  }
}

/** Where event-sourced aggregates live. All calls are part of the surrounding transaction. */
export interface EventStore {
  /** Reads many aggregates of one type at once; an aggregate without events has no entry. */
  load(
    aggregate: { readonly name: string; readonly snapshotVersion: number },
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, EventStream>>;
  /** @throws ConcurrencyConflict when an aggregate has one of the versions already */
  append(events: readonly NewEvent[]): Promise<void>;
  saveSnapshots(snapshots: readonly Snapshot[]): Promise<void>;
}
