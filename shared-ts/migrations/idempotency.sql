-- Answers to requests that came with an Idempotency-Key, written in the transaction that made them true.
CREATE TABLE idempotency_keys (
  scope       text NOT NULL,
  key         text NOT NULL,
  fingerprint text NOT NULL,
  answer      json,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (key, scope)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys USING brin (created_at);
