-- Event-sourced aggregates: one row an event. The primary key is the optimistic lock: two writers that both
-- decided on version n can't both insert version n + 1.
CREATE TABLE events (
  aggregate_name text NOT NULL,
  aggregate_id   uuid NOT NULL,
  version        integer NOT NULL,
  type           text NOT NULL,
  data           json NOT NULL,
  correlation_id text NOT NULL,
  causation_id   text NOT NULL,
  recorded_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (aggregate_id, version, aggregate_name)
);

-- The latest snapshot of an aggregate; only a short cut, the events remain the truth.
CREATE TABLE snapshots (
  aggregate_name   text NOT NULL,
  aggregate_id     uuid NOT NULL,
  version          integer NOT NULL,
  snapshot_version integer NOT NULL,
  state            json NOT NULL,
  PRIMARY KEY (aggregate_id, aggregate_name)
);
