-- Instants are integer microseconds UTC; ids are UUIDv7; documents are JSON text;
-- codes, tokens, session ids and secrets are kept only as SHA-256 (32 bytes).

CREATE TABLE revision (
    topic TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO revision (topic, value) VALUES ('clients', 0), ('keys', 0);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE client (
    client_id   TEXT PRIMARY KEY,
    metadata    TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE client_secret (
    id         UUID PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    hash       BYTEA NOT NULL,
    sealed     TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX client_secret_client ON client_secret (client_id);
CREATE INDEX client_secret_expiry ON client_secret (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE users (
    id             UUID PRIMARY KEY,
    username       TEXT NOT NULL,
    username_key   TEXT NOT NULL UNIQUE,
    email          TEXT NOT NULL,
    email_key      TEXT NOT NULL UNIQUE,
    email_verified BOOLEAN NOT NULL,
    profile        TEXT NOT NULL,
    password_hash  TEXT,
    is_admin       BOOLEAN NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    disabled_at    BIGINT
);

CREATE TABLE one_time_link (
    hash       BYTEA PRIMARY KEY,
    purpose    TEXT NOT NULL,
    user_id    UUID REFERENCES users (id) ON DELETE CASCADE,
    payload    TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX one_time_link_expiry ON one_time_link (expires_at);
CREATE INDEX one_time_link_user ON one_time_link (user_id);

CREATE TABLE sso_session (
    id              UUID PRIMARY KEY,
    user_id         UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    auth_time       BIGINT NOT NULL,
    acr             TEXT NOT NULL,
    amr             TEXT NOT NULL,
    user_agent      TEXT NOT NULL,
    address         TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    last_seen_at    BIGINT NOT NULL,
    idle_expires_at BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    ended_at        BIGINT
);
CREATE INDEX sso_session_user ON sso_session (user_id);
CREATE INDEX sso_session_expiry ON sso_session (expires_at);

CREATE TABLE browser_session (
    hash       BYTEA PRIMARY KEY,
    data       TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX browser_session_expiry ON browser_session (expires_at);

CREATE TABLE known_device (
    hash       BYTEA PRIMARY KEY,
    user_id    UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX known_device_expiry ON known_device (expires_at);
CREATE INDEX known_device_user ON known_device (user_id);

CREATE TABLE attempt (
    bucket          BYTEA PRIMARY KEY,
    failures        BIGINT NOT NULL,
    first_failed_at BIGINT NOT NULL,
    blocked_until   BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX attempt_expiry ON attempt (expires_at);

CREATE TABLE consent (
    user_id    UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id  TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    scope      TEXT NOT NULL,
    resources  TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX consent_client ON consent (client_id);

-- What a person allowed a client once: the family of one code and of all that came from it.
CREATE TABLE grants (
    id           UUID PRIMARY KEY,
    client_id    TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    user_id      UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id   UUID,
    scope        TEXT NOT NULL,
    resources    TEXT NOT NULL,
    claims       TEXT NOT NULL,
    auth_time    BIGINT NOT NULL,
    acr          TEXT NOT NULL,
    amr          TEXT NOT NULL,
    lock_counter BIGINT NOT NULL DEFAULT 0,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    ended_reason TEXT
);
CREATE INDEX grants_user ON grants (user_id, client_id);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_expiry ON grants (expires_at);

CREATE TABLE authorization_code (
    hash           BYTEA PRIMARY KEY,
    grant_id       UUID NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    redirect_uri   TEXT NOT NULL,
    code_challenge TEXT,
    nonce          TEXT,
    valid_until    BIGINT NOT NULL,
    redeemed_at    BIGINT,
    expires_at     BIGINT NOT NULL
);
CREATE INDEX authorization_code_expiry ON authorization_code (expires_at);
CREATE INDEX authorization_code_grant ON authorization_code (grant_id);

CREATE TABLE refresh_token (
    hash       BYTEA PRIMARY KEY,
    grant_id   UUID NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    successor  BYTEA,
    successor_salt BYTEA
);
CREATE INDEX refresh_token_expiry ON refresh_token (expires_at);
CREATE INDEX refresh_token_grant ON refresh_token (grant_id);

CREATE TABLE opaque_token (
    hash       BYTEA PRIMARY KEY,
    claims     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX opaque_token_expiry ON opaque_token (expires_at);

CREATE TABLE revoked_token (
    jti        TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX revoked_token_expiry ON revoked_token (expires_at);

CREATE TABLE used_assertion (
    hash       BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_assertion_expiry ON used_assertion (expires_at);

CREATE TABLE signing_key (
    kid          TEXT PRIMARY KEY,
    alg          TEXT NOT NULL,
    state        TEXT NOT NULL,
    public_jwk   TEXT NOT NULL,
    sealed       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    activated_at BIGINT,
    retired_at   BIGINT
);
-- One active key per algorithm, whatever two nodes do at once.
CREATE UNIQUE INDEX signing_key_one_active ON signing_key (alg) WHERE state = 'active';

CREATE TABLE mail (
    id              UUID PRIMARY KEY,
    sealed          TEXT NOT NULL,
    attempts        BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX mail_due ON mail (next_attempt_at);
CREATE INDEX mail_expiry ON mail (expires_at);

CREATE TABLE audit_event (
    id   UUID PRIMARY KEY,
    at   BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    seq  BIGINT UNIQUE,
    hash BYTEA
);
CREATE INDEX audit_event_unsealed ON audit_event (id) WHERE seq IS NULL;
