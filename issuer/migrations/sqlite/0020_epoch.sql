-- Which database this is, and what was used before it became this one: whatever could be used at this second or earlier is
-- refused, since a database that was restored does not know all that was used. Whoever checks whether it can be written to
-- counts.
CREATE TABLE epoch (
    identity        TEXT    NOT NULL,
    refused_through INTEGER NOT NULL,
    checks          INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO epoch (identity, refused_through) VALUES ('', -9223372036854775808);
