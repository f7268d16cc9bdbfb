DROP INDEX campaigns_by_change;
ALTER TABLE campaigns DROP COLUMN changed_at;
ALTER TABLE campaigns DROP COLUMN sequence;
