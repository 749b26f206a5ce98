-- One outbox for whatever leaves: letters, and text messages to telephones.
ALTER TABLE mail RENAME TO outbox;
ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT 'letter';
DROP INDEX mail_due;
DROP INDEX mail_expiry;
CREATE INDEX outbox_due ON outbox (channel, next_attempt_at);
CREATE INDEX outbox_expiry ON outbox (expires_at);
