-- Which messages were handled, entered in the transaction of their effect.
CREATE TABLE inbox (
  consumer   text NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  handled_at timestamptz NOT NULL DEFAULT now(),
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
  payload         text NOT NULL,
  error           text NOT NULL,
  attempts        integer NOT NULL,
  stream_sequence bigint NOT NULL,
  set_aside_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (message_id, consumer)
);
