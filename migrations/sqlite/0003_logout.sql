-- The clients that a person signed in to in a session: who is told when it ends. Rows go with their
-- session, not with their grant, which may be purged long before.
CREATE TABLE session_client (
    session_id BLOB NOT NULL REFERENCES sso_session (id) ON DELETE CASCADE,
    client_id  TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    joined_at  INTEGER NOT NULL,
    PRIMARY KEY (session_id, client_id)
) STRICT;
CREATE INDEX session_client_client ON session_client (client_id);

-- Sessions that end by the clock are looked for.
CREATE INDEX sso_session_live_idle ON sso_session (idle_expires_at) WHERE ended_at IS NULL;
CREATE INDEX sso_session_live_expiry ON sso_session (expires_at) WHERE ended_at IS NULL;

-- Logout tokens that wait to be delivered (OpenID Connect Back-Channel Logout): what they will say.
-- They are signed anew for each attempt. The session and the person may be gone by then.
CREATE TABLE logout_delivery (
    id              BLOB PRIMARY KEY,
    client_id       TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    user_id         BLOB NOT NULL,
    session_id      BLOB NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX logout_delivery_due ON logout_delivery (next_attempt_at);
CREATE INDEX logout_delivery_client ON logout_delivery (client_id, next_attempt_at);
CREATE INDEX logout_delivery_expiry ON logout_delivery (expires_at);
