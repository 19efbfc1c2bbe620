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
  started_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);

-- Only sagas under way are swept for deadlines and listed by operators.
CREATE INDEX sagas_under_way ON sagas (deadline) WHERE state IN ('RUNNING', 'COMPENSATING');
CREATE INDEX sagas_stuck ON sagas (updated_at) WHERE state = 'STUCK';

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
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (saga_id, position)
);
