ALTER TABLE mailings DROP COLUMN stopped_parts;
