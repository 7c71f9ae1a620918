-- Revocation lists that were verified, the last one of each lineage (issuer and key, 16 bytes, and part) and address, so that
-- no earlier one serves after a restart, and whether a registered key signed it. Times are seconds since 1970.
CREATE TABLE revocation_lists (
    url         TEXT    NOT NULL,
    lineage     BLOB    NOT NULL,
    this_update INTEGER NOT NULL,
    list        BLOB    NOT NULL,
    registered  INTEGER NOT NULL,
    PRIMARY KEY (url, lineage)
) STRICT;

-- The last edition of each lineage that was verified, also where its list is no longer kept.
CREATE TABLE revocation_floors (
    lineage     BLOB    NOT NULL PRIMARY KEY,
    this_update INTEGER NOT NULL,
    number      BLOB,
    registered  INTEGER NOT NULL
) STRICT;
