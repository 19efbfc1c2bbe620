-- Where each saga is, and whose reply it waits for.
CREATE TABLE sagas (
  saga_id            uuid PRIMARY KEY,
  saga_name          text NOT NULL,
  state              text NOT NULL,
  step               integer NOT NULL,
  data               json NOT NULL,
  pending_command_id uuid,
  deadline           timestamptz,
  attempts           integer NOT NULL,
  failure            text,
  correlation_id     text NOT NULL,
  started_at         timestamptz NOT NULL,
  -- When the command that is out was first sent, and how often it was sent under its id.
  step_since         timestamptz NOT NULL,
  sends              integer NOT NULL,
  -- Id of a command that is being undone without anybody knowing whether it was carried out.
  in_doubt           uuid,
  -- The state that a STUCK saga is taken on in.
  stuck_from         text,
  updated_at         timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Only sagas under way are swept for deadlines; these and the STUCK ones are counted at each scrape. Lists go by the primary key: ids are in the order of time.
-- No index has a column that changes from step to step (the deadline, for one): so a step's update stays in its page and touches no index (a HOT update).
CREATE INDEX sagas_under_way ON sagas (saga_id) WHERE state IN ('RUNNING', 'COMPENSATING');
CREATE INDEX sagas_stuck ON sagas (saga_id) WHERE state = 'STUCK';

-- What happened to each saga, in order.
CREATE TABLE saga_history (
  saga_id    uuid NOT NULL,
  position   bigint GENERATED ALWAYS AS IDENTITY,
  saga_name  text NOT NULL,
  kind       text NOT NULL,
  step       text NOT NULL,
  message    text,
  message_id text,
  outcome    text,
  state      text NOT NULL,
  at         timestamptz NOT NULL,
  PRIMARY KEY (saga_id, position)
);
