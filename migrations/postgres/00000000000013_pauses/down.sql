ALTER TABLE members DROP COLUMN paused_until;
