-- Finds the history that is old enough to be forgotten. Rows come in the order of their times, so a few bytes for each stretch of the table will do.
CREATE INDEX saga_history_age ON saga_history USING brin (at);
