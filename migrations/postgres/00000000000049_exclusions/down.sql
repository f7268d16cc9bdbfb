DROP TABLE mailing_exclusions;
ALTER TABLE mailings DROP COLUMN excluded;
