-- Where each word of the audit log stands: the first eight bytes of a digest of its name and value, and the events
-- that have it. Made from the events and made again from them, so no backup holds it.
CREATE TABLE audit_term (
    term INTEGER NOT NULL,
    id   BLOB NOT NULL,
    PRIMARY KEY (term, id)
) STRICT, WITHOUT ROWID;

-- Up to which sealed event that is done.
CREATE TABLE audit_indexed (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
) STRICT;

-- The last event that was taken away because of its age, under the master key: the chain goes on from it.
CREATE TABLE audit_checkpoint (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at   INTEGER NOT NULL,
    mac  BLOB NOT NULL
) STRICT;
