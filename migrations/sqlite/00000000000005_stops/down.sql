ALTER TABLE mailings DROP COLUMN stopped_why;
ALTER TABLE mailings DROP COLUMN stopped_at;
