-- A sign-in that an administrator tries a client with: the one request that may be answered at a page of ours.
CREATE TABLE trial (
    id         UUID PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    user_id    UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    browser    BYTEA NOT NULL,
    request    TEXT NOT NULL,
    consent    TEXT,
    expires_at BIGINT NOT NULL,
    ended_at   BIGINT
);
CREATE INDEX trial_expiry ON trial (expires_at);
CREATE INDEX trial_client ON trial (client_id);
CREATE INDEX trial_user ON trial (user_id);

-- A code of a trial is redeemed by that trial alone.
ALTER TABLE authorization_code ADD COLUMN trial_id UUID;

-- What each client did on a day: a row for a client that did something, for a month.
CREATE TABLE client_day (
    client_id  TEXT NOT NULL,
    day        BIGINT NOT NULL,
    sign_ins   BIGINT NOT NULL,
    tokens     BIGINT NOT NULL,
    failures   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, day)
);
CREATE INDEX client_day_expiry ON client_day (expires_at);
