-- Clients that registered themselves (RFC 7591). The first two columns are NULL for those of an operator:
-- the hash of the registration access token (RFC 7592), and when the client was last used. The third says that nobody gave
-- it a token to register with.
ALTER TABLE client ADD COLUMN registration_hash BLOB;
ALTER TABLE client ADD COLUMN used_at INTEGER;
ALTER TABLE client ADD COLUMN by_stranger INTEGER NOT NULL DEFAULT 0;
CREATE INDEX client_used ON client (used_at) WHERE used_at IS NOT NULL;

-- Initial access tokens (RFC 7591 section 3).
CREATE TABLE registration_token (
    id         BLOB PRIMARY KEY,
    hash       BLOB NOT NULL UNIQUE,
    uses       INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX registration_token_expiry ON registration_token (expires_at);
