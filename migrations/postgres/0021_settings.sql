-- What administrators choose while the server runs: one row, none until somebody has chosen something.
CREATE TABLE deployment (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    settings   TEXT NOT NULL,
    logo       BYTEA,
    version    BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

INSERT INTO revision (topic, value) VALUES ('settings', 0);
