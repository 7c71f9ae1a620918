-- Proofs that were exchanged and may not be exchanged again.
-- The key is a hash: nothing of a proof is stored. Times are seconds since 1970.
CREATE TABLE consumed (
    key   TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
);

-- For the purge of what has expired.
CREATE INDEX consumed_until ON consumed (until);

-- Keys to be remembered until this second or less may have been forgotten, also by a process whose clock was ahead.
CREATE TABLE forgotten (
    one   BOOLEAN NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
    until BIGINT  NOT NULL
);

INSERT INTO forgotten (until) VALUES (-9223372036854775808);

-- Which database this is, and what was used before it became this one: whatever could be used at this second or earlier is
-- refused, since a database that took over or was restored does not know all that was used.
CREATE TABLE epoch (
    one             BOOLEAN NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
    identity        TEXT    NOT NULL,
    refused_through BIGINT  NOT NULL
);

INSERT INTO epoch (identity, refused_through) VALUES ('', -9223372036854775808);

-- How often each replica has committed: one that finds less than it knows sees a database that lost something.
CREATE TABLE witnesses (
    replica TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
    commits BIGINT      NOT NULL,
    seen    TIMESTAMPTZ NOT NULL DEFAULT now()
);
