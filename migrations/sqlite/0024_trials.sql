-- A sign-in that an administrator tries a client with: the one request that may be answered at a page of ours.
CREATE TABLE trial (
    id         BLOB PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    browser    BLOB NOT NULL,
    request    TEXT NOT NULL,
    consent    TEXT,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;
CREATE INDEX trial_expiry ON trial (expires_at);
CREATE INDEX trial_client ON trial (client_id);
CREATE INDEX trial_user ON trial (user_id);

-- A code of a trial is redeemed by that trial alone.
ALTER TABLE authorization_code ADD COLUMN trial_id BLOB;

-- What each client did on a day: a row for a client that did something, for a month.
CREATE TABLE client_day (
    client_id  TEXT NOT NULL,
    day        INTEGER NOT NULL,
    sign_ins   INTEGER NOT NULL,
    tokens     INTEGER NOT NULL,
    failures   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, day)
) STRICT;
CREATE INDEX client_day_expiry ON client_day (expires_at);
