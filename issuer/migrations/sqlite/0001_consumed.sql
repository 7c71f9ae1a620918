-- Proofs that were exchanged and may not be exchanged again.
-- The key is a hash: nothing of a proof is stored. Times are seconds since 1970.
CREATE TABLE consumed (
    key   TEXT    NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- For the purge of what has expired.
CREATE INDEX consumed_until ON consumed (until);
