-- How much happened in each hour: counted from the audit log, so that a chart reads a row for an hour.
CREATE TABLE event_count (
    hour   BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    failed BIGINT NOT NULL,
    n      BIGINT NOT NULL,
    PRIMARY KEY (hour, kind, failed)
);

-- What was measured in an hour, last of all.
CREATE TABLE gauge (
    hour  BIGINT NOT NULL,
    name  TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (hour, name)
);
