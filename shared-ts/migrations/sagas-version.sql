-- How often each saga was saved: a save that was decided on an older version is refused.
ALTER TABLE sagas ADD COLUMN version integer NOT NULL DEFAULT 0;
