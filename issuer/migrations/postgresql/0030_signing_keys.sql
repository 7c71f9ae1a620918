-- The signing keys. Their private halves are sealed. Times are seconds since 1970.
CREATE TABLE signing_keys (
    number     BIGINT  NOT NULL PRIMARY KEY,
    kid        TEXT    COLLATE "C" NOT NULL UNIQUE,
    algorithm  TEXT    NOT NULL,
    home       TEXT    NOT NULL, -- `store`, or `token` of PKCS#11
    public     BYTEA   NOT NULL, -- SubjectPublicKeyInfo in DER
    private    BYTEA,            -- sealed, or the identifier in the token; nothing when it was withdrawn
    sealed_by  TEXT,             -- the name of the key-encryption key
    made       BIGINT  NOT NULL,
    version    BIGINT  NOT NULL, -- of the set that was the first with it
    urgent     BOOLEAN NOT NULL,
    sign_from  BIGINT,
    sign_until BIGINT,
    started    BOOLEAN NOT NULL,
    retired    BIGINT,
    withdrawn  BIGINT
);

-- One row: each change of the keys counts it up in its own transaction, and holds it locked until then.
CREATE TABLE signing_set (
    one     BOOLEAN NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
    version BIGINT  NOT NULL,
    longest BIGINT  NOT NULL -- the longest lifetime of tokens that was ever configured, in seconds
);

INSERT INTO signing_set (version, longest) VALUES (0, 0);

-- The processes that publish and sign, and which version each has loaded.
CREATE TABLE signing_replicas (
    id     TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    seen   BIGINT NOT NULL,
    loaded BIGINT NOT NULL
);
