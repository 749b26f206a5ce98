-- Clients that registered themselves (RFC 7591). The first two columns are NULL for those of an operator:
-- the hash of the registration access token (RFC 7592), and when the client was last used. The third says that nobody gave
-- it a token to register with.
ALTER TABLE client ADD COLUMN registration_hash BYTEA;
ALTER TABLE client ADD COLUMN used_at BIGINT;
ALTER TABLE client ADD COLUMN by_stranger BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX client_used ON client (used_at) WHERE used_at IS NOT NULL;

-- Initial access tokens (RFC 7591 section 3).
CREATE TABLE registration_token (
    id         UUID PRIMARY KEY,
    hash       BYTEA NOT NULL UNIQUE,
    uses       BIGINT NOT NULL,
    used       BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX registration_token_expiry ON registration_token (expires_at);
