-- Keys to be remembered until this second or less may have been forgotten, also by an earlier process whose clock was ahead.
CREATE TABLE forgotten (
    until INTEGER NOT NULL
) STRICT;

INSERT INTO forgotten (until) VALUES (-9223372036854775808);
