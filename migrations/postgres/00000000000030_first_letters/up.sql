-- When a mailing's first letter was handed over: how late it was is told to whoever watches. Of a mailing that began before, it is
-- taken from its deliveries, as far as they are still in the log.
ALTER TABLE mailings ADD COLUMN first_letter_at BIGINT;
UPDATE mailings SET first_letter_at = (SELECT min(handed_over_at) FROM deliveries WHERE deliveries.mailing_id = mailings.id)
WHERE frozen_at IS NOT NULL;
