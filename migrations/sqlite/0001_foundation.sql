-- Instants are integer microseconds UTC; ids are UUIDv7 (16 bytes); documents are JSON text;
-- codes, tokens, session ids and secrets are kept only as SHA-256 (32 bytes).

CREATE TABLE revision (
    topic TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO revision (topic, value) VALUES ('clients', 0), ('keys', 0);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE client (
    client_id   TEXT PRIMARY KEY,
    metadata    TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE client_secret (
    id         BLOB PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    hash       BLOB NOT NULL,
    sealed     TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;
CREATE INDEX client_secret_client ON client_secret (client_id);
CREATE INDEX client_secret_expiry ON client_secret (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE users (
    id             BLOB PRIMARY KEY,
    username       TEXT NOT NULL,
    username_key   TEXT NOT NULL UNIQUE,
    email          TEXT NOT NULL,
    email_key      TEXT NOT NULL UNIQUE,
    email_verified INTEGER NOT NULL,
    profile        TEXT NOT NULL,
    password_hash  TEXT,
    is_admin       INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    disabled_at    INTEGER
) STRICT;

CREATE TABLE one_time_link (
    hash       BLOB PRIMARY KEY,
    purpose    TEXT NOT NULL,
    user_id    BLOB REFERENCES users (id) ON DELETE CASCADE,
    payload    TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX one_time_link_expiry ON one_time_link (expires_at);
CREATE INDEX one_time_link_user ON one_time_link (user_id);

CREATE TABLE sso_session (
    id              BLOB PRIMARY KEY,
    user_id         BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    auth_time       INTEGER NOT NULL,
    acr             TEXT NOT NULL,
    amr             TEXT NOT NULL,
    user_agent      TEXT NOT NULL,
    address         TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    last_seen_at    INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    ended_at        INTEGER
) STRICT;
CREATE INDEX sso_session_user ON sso_session (user_id);
CREATE INDEX sso_session_expiry ON sso_session (expires_at);

CREATE TABLE browser_session (
    hash       BLOB PRIMARY KEY,
    data       TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX browser_session_expiry ON browser_session (expires_at);

CREATE TABLE known_device (
    hash       BLOB PRIMARY KEY,
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX known_device_expiry ON known_device (expires_at);
CREATE INDEX known_device_user ON known_device (user_id);

CREATE TABLE attempt (
    bucket          BLOB PRIMARY KEY,
    failures        INTEGER NOT NULL,
    first_failed_at INTEGER NOT NULL,
    blocked_until   INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX attempt_expiry ON attempt (expires_at);

CREATE TABLE consent (
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id  TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    scope      TEXT NOT NULL,
    resources  TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, client_id)
) STRICT;
CREATE INDEX consent_client ON consent (client_id);

-- What a person allowed a client once: the family of one code and of all that came from it.
CREATE TABLE grants (
    id           BLOB PRIMARY KEY,
    client_id    TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    user_id      BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id   BLOB,
    scope        TEXT NOT NULL,
    resources    TEXT NOT NULL,
    claims       TEXT NOT NULL,
    auth_time    INTEGER NOT NULL,
    acr          TEXT NOT NULL,
    amr          TEXT NOT NULL,
    lock_counter INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    ended_reason TEXT
) STRICT;
CREATE INDEX grants_user ON grants (user_id, client_id);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_expiry ON grants (expires_at);

CREATE TABLE authorization_code (
    hash           BLOB PRIMARY KEY,
    grant_id       BLOB NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    redirect_uri   TEXT NOT NULL,
    code_challenge TEXT,
    nonce          TEXT,
    valid_until    INTEGER NOT NULL,
    redeemed_at    INTEGER,
    expires_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX authorization_code_expiry ON authorization_code (expires_at);
CREATE INDEX authorization_code_grant ON authorization_code (grant_id);

CREATE TABLE refresh_token (
    hash       BLOB PRIMARY KEY,
    grant_id   BLOB NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    successor  BLOB,
    successor_salt BLOB
) STRICT;
CREATE INDEX refresh_token_expiry ON refresh_token (expires_at);
CREATE INDEX refresh_token_grant ON refresh_token (grant_id);

CREATE TABLE opaque_token (
    hash       BLOB PRIMARY KEY,
    claims     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX opaque_token_expiry ON opaque_token (expires_at);

CREATE TABLE revoked_token (
    jti        TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revoked_token_expiry ON revoked_token (expires_at);

CREATE TABLE used_assertion (
    hash       BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX used_assertion_expiry ON used_assertion (expires_at);

CREATE TABLE signing_key (
    kid          TEXT PRIMARY KEY,
    alg          TEXT NOT NULL,
    state        TEXT NOT NULL,
    public_jwk   TEXT NOT NULL,
    sealed       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    activated_at INTEGER,
    retired_at   INTEGER
) STRICT;
-- One active key per algorithm, whatever two nodes do at once.
CREATE UNIQUE INDEX signing_key_one_active ON signing_key (alg) WHERE state = 'active';

CREATE TABLE mail (
    id              BLOB PRIMARY KEY,
    sealed          TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_due ON mail (next_attempt_at);
CREATE INDEX mail_expiry ON mail (expires_at);

CREATE TABLE audit_event (
    id   BLOB PRIMARY KEY,
    at   INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    seq  INTEGER UNIQUE,
    hash BLOB
) STRICT;
CREATE INDEX audit_event_unsealed ON audit_event (id) WHERE seq IS NULL;
