-- Resource servers (RFC 8707): the audiences that an operator describes.
CREATE TABLE resource_server (
    identifier TEXT PRIMARY KEY,
    metadata   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
