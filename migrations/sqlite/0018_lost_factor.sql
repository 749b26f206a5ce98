-- Since when the last second factor is gone by "it was not me": until there is another, a password alone is
-- not enough, or whoever reads the mailbox could do without it.
ALTER TABLE users ADD COLUMN second_factor_lost_at INTEGER;
