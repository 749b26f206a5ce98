-- Recoveries of accounts whose owners lost every second factor: one at a time. next_turn_at is when a letter
-- is due, or the end.
CREATE TABLE account_recovery (
    id           UUID PRIMARY KEY,
    user_id      UUID NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    by_operator  BOOLEAN NOT NULL,
    lang         TEXT NOT NULL,
    began_at     BIGINT NOT NULL,
    ready_at     BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    next_turn_at BIGINT NOT NULL
);
CREATE INDEX account_recovery_turn ON account_recovery (next_turn_at);
