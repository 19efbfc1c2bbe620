-- The transactional outbox: what a service publishes, written in the transaction that makes the change.
-- Partitioned by day, so that old days are dropped instead of deleted row by row. Positions are in order within
-- a partition key, whose writers wait for one another, but they are not in commit order: who reads the table
-- compares snapshots, see src/cdc/backlog.ts.
CREATE TABLE outbox (
  position       bigint GENERATED ALWAYS AS IDENTITY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at     timestamptz NOT NULL DEFAULT now(),
  id             uuid NOT NULL,
  channel        text NOT NULL,
  partition_key  text NOT NULL,
  headers        json NOT NULL,
  payload        json NOT NULL
) PARTITION BY RANGE (created_at);

CREATE INDEX outbox_order ON outbox (transaction_id, position);

-- Takes the rows of a day that has no partition yet, so that a write never fails for it.
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

CREATE PUBLICATION ftgo_outbox FOR TABLE outbox WITH (publish = 'insert', publish_via_partition_root = true);

-- Where the relay is: every transaction below published_below is on the broker (or parked).
CREATE TABLE relay_checkpoint (
  relay           text PRIMARY KEY,
  published_below xid8 NOT NULL,
  -- The replication slot is newer than some unpublished rows: they are to be read from the table first.
  backlog_due     boolean NOT NULL DEFAULT false,
  updated_at      timestamptz NOT NULL DEFAULT now()
);

-- Messages that the broker can never take, with the reason, and the later ones of their keys.
CREATE TABLE outbox_parked (
  id             uuid PRIMARY KEY,
  transaction_id xid8 NOT NULL,
  position       bigint NOT NULL,
  partition_key  text NOT NULL,
  channel        text NOT NULL,
  reason         text NOT NULL,
  parked_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_parked_key ON outbox_parked (partition_key);

-- The relay's own role may read the outbox and keep its place, nothing else.
DO $$
DECLARE relay_role text := current_database() || '_cdc';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = relay_role) THEN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', relay_role);
    EXECUTE format('GRANT SELECT ON outbox TO %I', relay_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON relay_checkpoint, outbox_parked TO %I', relay_role);
  END IF;
END $$;
