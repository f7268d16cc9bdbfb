-- A claim has a number, so that a result can be told from that of an earlier claim; what left is counted where it leaves.
-- `lease_owner` stays after the lease has ended: it is whoever held the delivery last.
ALTER TABLE deliveries ADD COLUMN claim   BIGINT NOT NULL DEFAULT 0;   -- counts the claims
ALTER TABLE deliveries ADD COLUMN granted INTEGER NOT NULL DEFAULT 0;  -- how often its body was let go
ALTER TABLE deliveries ADD COLUMN taken   INTEGER NOT NULL DEFAULT 0;  -- how often a relay said that it has it
UPDATE deliveries SET granted = 1 WHERE handed_over_at IS NOT NULL;
UPDATE deliveries SET taken = 1 WHERE state = 'accepted';
-- Looked into at every tick, and empty as long as the promise holds.
CREATE INDEX deliveries_doubled ON deliveries (mailing_id) WHERE taken > 1;
