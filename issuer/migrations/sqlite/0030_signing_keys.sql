-- The signing keys. Their private halves are sealed. Times are seconds since 1970.
CREATE TABLE signing_keys (
    number     INTEGER NOT NULL PRIMARY KEY,
    kid        TEXT    NOT NULL UNIQUE,
    algorithm  TEXT    NOT NULL,
    home       TEXT    NOT NULL, -- `store`, or `token` of PKCS#11
    public     BLOB    NOT NULL, -- SubjectPublicKeyInfo in DER
    private    BLOB,             -- sealed, or the identifier in the token; nothing when it was withdrawn
    sealed_by  TEXT,             -- the name of the key-encryption key
    made       INTEGER NOT NULL,
    version    INTEGER NOT NULL, -- of the set that was the first with it
    urgent     BOOLEAN NOT NULL,
    sign_from  INTEGER,
    sign_until INTEGER,
    started    BOOLEAN NOT NULL,
    retired    INTEGER,
    withdrawn  INTEGER
);

-- One row: each change of the keys counts it up in its own transaction.
CREATE TABLE signing_set (
    one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    longest INTEGER NOT NULL -- the longest lifetime of tokens that was ever configured, in seconds
);

INSERT INTO signing_set (one, version, longest) VALUES (1, 0, 0);

-- The processes that publish and sign, and which version each has loaded.
CREATE TABLE signing_replicas (
    id     TEXT    NOT NULL PRIMARY KEY,
    seen   INTEGER NOT NULL,
    loaded INTEGER NOT NULL
);
