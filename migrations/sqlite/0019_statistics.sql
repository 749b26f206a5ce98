-- How much happened in each hour: counted from the audit log, so that a chart reads a row for an hour.
CREATE TABLE event_count (
    hour   INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    failed INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (hour, kind, failed)
) STRICT;

-- What was measured in an hour, last of all.
CREATE TABLE gauge (
    hour  INTEGER NOT NULL,
    name  TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (hour, name)
) STRICT;
