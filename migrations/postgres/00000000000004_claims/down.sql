DROP INDEX deliveries_doubled;
ALTER TABLE deliveries DROP COLUMN taken;
ALTER TABLE deliveries DROP COLUMN granted;
ALTER TABLE deliveries DROP COLUMN claim;
