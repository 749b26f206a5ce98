-- The people of one organisation, in the order in which administrators page through them.
CREATE INDEX users_organisation_page ON users (organisation_id, id) WHERE organisation_id IS NOT NULL;

-- Pages of groups and of who holds a role.
CREATE INDEX user_group_page ON user_group (organisation_id, id) WHERE organisation_id IS NOT NULL;
CREATE INDEX role_grant_page ON role_grant (role, id);
CREATE INDEX role_grant_page_within ON role_grant (role, organisation_id, id) WHERE organisation_id IS NOT NULL;

-- Answers to requests with an Idempotency-Key: the key is a MAC of caller and key, the answer is sealed. No answer
-- yet: the request is still on its way.
CREATE TABLE idempotency (
    hash       BYTEA PRIMARY KEY,
    request    BYTEA NOT NULL,
    sealed     TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
