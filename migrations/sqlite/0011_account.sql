-- Whose account page shows an event. The chain does not cover it: who changes it hides an event from its
-- owner's page, not from the log.
ALTER TABLE audit_event ADD COLUMN user_id BLOB;
CREATE INDEX audit_event_user ON audit_event (user_id, id) WHERE user_id IS NOT NULL;

-- Accounts whose owners asked for their deletion: when they did (then they are disabled), and when it is done.
ALTER TABLE users ADD COLUMN deletion_asked_at INTEGER;
ALTER TABLE users ADD COLUMN delete_at INTEGER;
CREATE INDEX users_deletion ON users (delete_at) WHERE delete_at IS NOT NULL;

-- Changes of e-mail addresses: waiting for a yes from both, and then for as long as they can be undone.
CREATE TABLE email_change (
    id               BLOB PRIMARY KEY,
    user_id          BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    old_email        TEXT NOT NULL,
    new_email        TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    old_confirmed_at INTEGER,
    new_confirmed_at INTEGER,
    done_at          INTEGER,
    expires_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX email_change_user ON email_change (user_id);
CREATE INDEX email_change_expiry ON email_change (expires_at);
