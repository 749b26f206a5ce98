-- What a session rests on: the proofs (method, when) instead of what followed from them once.
-- Sessions from before have none, so their people sign in again.
ALTER TABLE sso_session ADD COLUMN proofs TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sso_session DROP COLUMN auth_time;
ALTER TABLE sso_session DROP COLUMN acr;
ALTER TABLE sso_session DROP COLUMN amr;

-- Passkeys (WebAuthn): the library's own document of the public key, and what pages show of it.
CREATE TABLE passkey (
    id              BLOB PRIMARY KEY,
    user_id         BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id   BLOB NOT NULL UNIQUE,
    credential      TEXT NOT NULL,
    name            TEXT NOT NULL,
    aaguid          BLOB NOT NULL,
    user_verified   INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    backed_up       INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    last_used_at    INTEGER,
    -- Its counter went back: there may be a copy of it. It opens nothing any more.
    suspended_at    INTEGER
) STRICT;
CREATE INDEX passkey_user ON passkey (user_id);

-- One-time codes: 'totp' (RFC 6238; position is the last accepted step) and 'hotp' (RFC 4226; position is
-- the next counter). The seed is sealed. It counts only once it is confirmed.
CREATE TABLE otp_device (
    id           BLOB PRIMARY KEY,
    user_id      BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    sealed       TEXT NOT NULL,
    digits       INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX otp_device_user ON otp_device (user_id);

-- Codes for a bad day: 80 random bits each. The hash is of a MAC under the master key.
CREATE TABLE recovery_code (
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash       BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at    INTEGER,
    PRIMARY KEY (user_id, hash)
) STRICT;

-- A telephone that was shown to be theirs; the number is sealed.
CREATE TABLE phone (
    user_id    BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed     TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Codes on their way by mail or telephone. The hash is a MAC under the master key: six digits alone could
-- be tried out by who reads the table.
CREATE TABLE sent_code (
    id         BLOB PRIMARY KEY,
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    TEXT NOT NULL,
    payload    TEXT,
    hash       BLOB NOT NULL,
    tries      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX sent_code_user ON sent_code (user_id);
CREATE INDEX sent_code_expiry ON sent_code (expires_at);
