-- A saga's history is written by every step, and read when somebody looks into the saga. Rows come in the order of their times and, but for what a saga takes, of the
-- sagas' ids (UUID v7): a few bytes for each stretch of the table find either. An entry for each row was a tenth of all that orders write into the log.
ALTER TABLE saga_history DROP CONSTRAINT saga_history_pkey;
DROP INDEX saga_history_age;
CREATE INDEX saga_history_ranges ON saga_history USING brin (saga_id, at) WITH (autosummarize = on);
