-- Recoveries of accounts whose owners lost every second factor: one at a time. next_turn_at is when a letter
-- is due, or the end.
CREATE TABLE account_recovery (
    id           BLOB PRIMARY KEY,
    user_id      BLOB NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    by_operator  INTEGER NOT NULL,
    lang         TEXT NOT NULL,
    began_at     INTEGER NOT NULL,
    ready_at     INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    next_turn_at INTEGER NOT NULL
) STRICT;
CREATE INDEX account_recovery_turn ON account_recovery (next_turn_at);
