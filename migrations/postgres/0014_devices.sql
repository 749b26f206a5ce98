-- A device that signed in before: its cookie is a MAC over id and generation, and only the newest generation counts.
DROP TABLE known_device;

CREATE TABLE device (
    id         UUID PRIMARY KEY,
    generation BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX device_expiry ON device (expires_at);

-- For whom: only for the accounts that signed in there.
CREATE TABLE known_device (
    device_id  UUID NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    user_id    UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, user_id)
);
CREATE INDEX known_device_expiry ON known_device (expires_at);
CREATE INDEX known_device_user ON known_device (user_id);
