-- Instances that have used a document, with a digest of the nonce by which they are known again, where there is one. A free one
-- may be used by whoever comes first, as if it had not been. Times are seconds since 1970.
CREATE TABLE bindings (
    key       TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
    cloud     TEXT    NOT NULL,
    partition TEXT    NOT NULL,
    account   TEXT    NOT NULL,
    instance  TEXT    NOT NULL,
    nonce     TEXT,
    bound_at  BIGINT  NOT NULL,
    free      BOOLEAN NOT NULL
);
