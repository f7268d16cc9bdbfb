DROP TABLE mailing_lists;
ALTER TABLE mailings DROP COLUMN lists;
