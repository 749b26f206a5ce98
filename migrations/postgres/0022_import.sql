-- Accounts that came with an import: the mark is a MAC over what was imported. An import that is run again knows
-- by it what is there already, also where its owner has changed the account since.
CREATE TABLE user_import (
    user_id     UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    mark        BYTEA NOT NULL,
    imported_at BIGINT NOT NULL
);
