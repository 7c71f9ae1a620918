-- Instances that have used a document, with a digest of the nonce by which they are known again, where there is one. A free one
-- may be used by whoever comes first, as if it had not been. Times are seconds since 1970.
CREATE TABLE bindings (
    key       TEXT    NOT NULL PRIMARY KEY,
    cloud     TEXT    NOT NULL,
    partition TEXT    NOT NULL,
    account   TEXT    NOT NULL,
    instance  TEXT    NOT NULL,
    nonce     TEXT,
    bound_at  INTEGER NOT NULL,
    free      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
