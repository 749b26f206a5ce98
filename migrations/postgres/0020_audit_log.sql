-- Where each word of the audit log stands: the first eight bytes of a digest of its name and value, and the events
-- that have it. Made from the events and made again from them, so no backup holds it.
CREATE TABLE audit_term (
    term BIGINT NOT NULL,
    id   UUID NOT NULL,
    PRIMARY KEY (term, id)
);

-- Up to which sealed event that is done.
CREATE TABLE audit_indexed (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL
);

-- The last event that was taken away because of its age, under the master key: the chain goes on from it.
CREATE TABLE audit_checkpoint (
    one  BIGINT PRIMARY KEY CHECK (one = 1),
    seq  BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    at   BIGINT NOT NULL,
    mac  BYTEA NOT NULL
);
