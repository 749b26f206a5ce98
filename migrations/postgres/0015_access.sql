-- Who changes roles and grants waits for who does so already: the last administrator stays.
INSERT INTO revision (topic, value) VALUES ('access', 0);

-- Organisations: people and clients with administrators of their own. Whoever and whatever belongs to none is
-- the deployment's.
CREATE TABLE organisation (
    id          UUID PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    disabled_at BIGINT
);

-- The deployment's own roles; those that are built in are in the program.
CREATE TABLE role (
    name     TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    version  BIGINT NOT NULL
);

-- The key is the organisation and the comparable name: two organisations may have a group of one name.
CREATE TABLE user_group (
    id              UUID PRIMARY KEY,
    organisation_id UUID REFERENCES organisation (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    key             TEXT NOT NULL UNIQUE,
    version         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX user_group_organisation ON user_group (organisation_id);

CREATE TABLE group_member (
    group_id UUID NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    user_id  UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_member_user ON group_member (user_id);

-- A role, given to one of a person, a group and a client, everywhere or in one organisation.
CREATE TABLE role_grant (
    id              UUID PRIMARY KEY,
    role            TEXT NOT NULL,
    user_id         UUID REFERENCES users (id) ON DELETE CASCADE,
    group_id        UUID REFERENCES user_group (id) ON DELETE CASCADE,
    client_id       TEXT REFERENCES client (client_id) ON DELETE CASCADE,
    organisation_id UUID REFERENCES organisation (id) ON DELETE CASCADE,
    valid_from      BIGINT,
    valid_until     BIGINT,
    created_at      BIGINT NOT NULL
);
CREATE INDEX role_grant_user ON role_grant (user_id);
CREATE INDEX role_grant_group ON role_grant (group_id);
CREATE INDEX role_grant_client ON role_grant (client_id);
CREATE INDEX role_grant_role ON role_grant (role);
CREATE INDEX role_grant_organisation ON role_grant (organisation_id);

-- Administrators were a column. Their grants have their ids.
INSERT INTO role_grant (id, role, user_id, created_at)
    SELECT id, 'super-administrator', id, created_at FROM users WHERE is_admin;
ALTER TABLE users DROP COLUMN is_admin;

ALTER TABLE users ADD COLUMN organisation_id UUID REFERENCES organisation (id);
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE INDEX users_organisation ON users (organisation_id, username_key) WHERE organisation_id IS NOT NULL;

ALTER TABLE client ADD COLUMN organisation_id UUID REFERENCES organisation (id);
ALTER TABLE client ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE INDEX client_organisation ON client (organisation_id, client_id) WHERE organisation_id IS NOT NULL;

ALTER TABLE resource_server ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- The words by which administrators find people and clients: the beginning of any is enough.
CREATE TABLE user_word (
    word            TEXT COLLATE "C" NOT NULL,
    user_id         UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organisation_id UUID,
    PRIMARY KEY (word, user_id)
);
CREATE INDEX user_word_user ON user_word (user_id);
CREATE INDEX user_word_organisation ON user_word (organisation_id, word, user_id) WHERE organisation_id IS NOT NULL;
INSERT INTO user_word (word, user_id) SELECT username_key, id FROM users ON CONFLICT DO NOTHING;
INSERT INTO user_word (word, user_id) SELECT email_key, id FROM users ON CONFLICT DO NOTHING;

CREATE TABLE client_word (
    word            TEXT COLLATE "C" NOT NULL,
    client_id       TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    organisation_id UUID,
    PRIMARY KEY (word, client_id)
);
CREATE INDEX client_word_client ON client_word (client_id);
CREATE INDEX client_word_organisation ON client_word (organisation_id, word, client_id) WHERE organisation_id IS NOT NULL;
INSERT INTO client_word (word, client_id) SELECT lower(client_id), client_id FROM client ON CONFLICT DO NOTHING;
