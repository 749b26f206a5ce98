-- Live sessions are listed: of the whole deployment and of one organisation, newest first. The organisation of
-- the person stands with the session, so that a tenant with few of them does not look through everybody's.
ALTER TABLE sso_session ADD COLUMN organisation_id BLOB;
UPDATE sso_session SET organisation_id = (SELECT organisation_id FROM users u WHERE u.id = user_id);
ALTER TABLE session_client ADD COLUMN organisation_id BLOB;
UPDATE session_client SET organisation_id = (SELECT organisation_id FROM sso_session s WHERE s.id = session_id);

-- What has ended is not on the way of any list, however much of it is still to be purged.
CREATE INDEX sso_session_live ON sso_session (id) WHERE ended_at IS NULL;
CREATE INDEX sso_session_live_address ON sso_session (address, id) WHERE ended_at IS NULL;
CREATE INDEX sso_session_live_organisation ON sso_session (organisation_id, id)
    WHERE ended_at IS NULL AND organisation_id IS NOT NULL;
CREATE INDEX sso_session_live_organisation_address ON sso_session (organisation_id, address, id)
    WHERE ended_at IS NULL AND organisation_id IS NOT NULL;
DROP INDEX sso_session_user;
CREATE INDEX sso_session_user ON sso_session (user_id, ended_at, id);
DROP INDEX session_client_client;
CREATE INDEX session_client_client ON session_client (client_id, session_id);
CREATE INDEX session_client_organisation ON session_client (organisation_id, client_id, session_id)
    WHERE organisation_id IS NOT NULL;
