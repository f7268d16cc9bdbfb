-- What a sale's entry in a calendar needs: how often what the public sees of the sale has changed, and when it last did. The
-- numbers go on from those that calendars were given before, which were minutes.
ALTER TABLE campaigns ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
UPDATE campaigns SET changed_at = CASE WHEN cancelled_at > applied_at THEN cancelled_at ELSE applied_at END;
UPDATE campaigns SET sequence = changed_at / 60000000;
-- Whether anything has changed is looked up all the time, without the rows.
CREATE INDEX campaigns_by_change ON campaigns (id, sequence, changed_at);
