-- Revocation lists that were verified, the last one of each lineage (issuer, key and part) and address, so that no earlier
-- one serves after a restart. Times are seconds since 1970.
CREATE TABLE revocation_lists (
    url         TEXT    NOT NULL,
    lineage     BLOB    NOT NULL,
    this_update INTEGER NOT NULL,
    list        BLOB    NOT NULL,
    PRIMARY KEY (url, lineage)
) STRICT;
