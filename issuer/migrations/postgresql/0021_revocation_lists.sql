-- Revocation lists that were verified, the last one of each lineage (issuer and key, 16 bytes, and part) and address, so that
-- no earlier one serves after a restart, and whether a registered key signed it. Times are seconds since 1970.
CREATE TABLE revocation_lists (
    url         TEXT    COLLATE "C" NOT NULL,
    lineage     BYTEA   NOT NULL,
    this_update BIGINT  NOT NULL,
    list        BYTEA   NOT NULL,
    registered  BOOLEAN NOT NULL,
    PRIMARY KEY (url, lineage)
);

-- The last edition of each lineage that was verified, also where its list is no longer kept.
CREATE TABLE revocation_floors (
    lineage     BYTEA   NOT NULL PRIMARY KEY,
    this_update BIGINT  NOT NULL,
    number      BYTEA,
    registered  BOOLEAN NOT NULL
);
