-- Which messages were handled, entered in the transaction of their effect. The outbox rows of that transaction have its id and its time, too: that is how the
-- reply to a command is found when the command comes again, and it costs the first handling no statement.
CREATE TABLE inbox (
  consumer       text NOT NULL,
  message_id     text COLLATE "C" NOT NULL,
  handled_at     timestamptz NOT NULL DEFAULT now(),
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (message_id, consumer)
);
CREATE INDEX inbox_age ON inbox USING brin (handled_at);

-- How often messages that failed have been tried; counted before each further try, so that a crash counts too.
CREATE TABLE message_attempts (
  consumer   text NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  attempts   integer NOT NULL,
  tried_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (message_id, consumer)
);

-- Messages that were set aside: they can't be read, or their handler failed every time.
CREATE TABLE dead_letters (
  consumer        text NOT NULL,
  message_id      text COLLATE "C" NOT NULL,
  subject         text NOT NULL,
  headers         json NOT NULL,
  -- Byte for byte as it came, whether it can be read or not: it is replayed so.
  payload         bytea NOT NULL,
  error           text NOT NULL,
  attempts        integer NOT NULL,
  stream_sequence bigint NOT NULL,
  set_aside_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (message_id, consumer)
);
