-- Who changes roles and grants waits for who does so already: the last administrator stays.
INSERT INTO revision (topic, value) VALUES ('access', 0);

-- Organisations: people and clients with administrators of their own. Whoever and whatever belongs to none is
-- the deployment's.
CREATE TABLE organisation (
    id          BLOB PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

-- The deployment's own roles; those that are built in are in the program.
CREATE TABLE role (
    name     TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    version  INTEGER NOT NULL
) STRICT;

-- The key is the organisation and the comparable name: two organisations may have a group of one name.
CREATE TABLE user_group (
    id              BLOB PRIMARY KEY,
    organisation_id BLOB REFERENCES organisation (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    key             TEXT NOT NULL UNIQUE,
    version         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX user_group_organisation ON user_group (organisation_id);

CREATE TABLE group_member (
    group_id BLOB NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    user_id  BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX group_member_user ON group_member (user_id);

-- A role, given to one of a person, a group and a client, everywhere or in one organisation.
CREATE TABLE role_grant (
    id              BLOB PRIMARY KEY,
    role            TEXT NOT NULL,
    user_id         BLOB REFERENCES users (id) ON DELETE CASCADE,
    group_id        BLOB REFERENCES user_group (id) ON DELETE CASCADE,
    client_id       TEXT REFERENCES client (client_id) ON DELETE CASCADE,
    organisation_id BLOB REFERENCES organisation (id) ON DELETE CASCADE,
    valid_from      INTEGER,
    valid_until     INTEGER,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX role_grant_user ON role_grant (user_id);
CREATE INDEX role_grant_group ON role_grant (group_id);
CREATE INDEX role_grant_client ON role_grant (client_id);
CREATE INDEX role_grant_role ON role_grant (role);
CREATE INDEX role_grant_organisation ON role_grant (organisation_id);

-- Administrators were a column. Their grants have their ids.
INSERT INTO role_grant (id, role, user_id, created_at)
    SELECT id, 'super-administrator', id, created_at FROM users WHERE is_admin = 1;
ALTER TABLE users DROP COLUMN is_admin;

ALTER TABLE users ADD COLUMN organisation_id BLOB REFERENCES organisation (id);
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
CREATE INDEX users_organisation ON users (organisation_id, username_key) WHERE organisation_id IS NOT NULL;

ALTER TABLE client ADD COLUMN organisation_id BLOB REFERENCES organisation (id);
ALTER TABLE client ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
CREATE INDEX client_organisation ON client (organisation_id, client_id) WHERE organisation_id IS NOT NULL;

ALTER TABLE resource_server ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- The words by which administrators find people and clients: the beginning of any is enough.
CREATE TABLE user_word (
    word            TEXT NOT NULL,
    user_id         BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organisation_id BLOB,
    PRIMARY KEY (word, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_word_user ON user_word (user_id);
CREATE INDEX user_word_organisation ON user_word (organisation_id, word, user_id) WHERE organisation_id IS NOT NULL;
INSERT OR IGNORE INTO user_word (word, user_id) SELECT username_key, id FROM users;
INSERT OR IGNORE INTO user_word (word, user_id) SELECT email_key, id FROM users;

CREATE TABLE client_word (
    word            TEXT NOT NULL,
    client_id       TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    organisation_id BLOB,
    PRIMARY KEY (word, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_word_client ON client_word (client_id);
CREATE INDEX client_word_organisation ON client_word (organisation_id, word, client_id) WHERE organisation_id IS NOT NULL;
INSERT OR IGNORE INTO client_word (word, client_id) SELECT lower(client_id), client_id FROM client;
