-- What administrators choose while the server runs: one row, none until somebody has chosen something.
CREATE TABLE deployment (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    settings   TEXT NOT NULL,
    logo       BLOB,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

INSERT INTO revision (topic, value) VALUES ('settings', 0);
