ALTER TABLE campaign_versions DROP COLUMN approved_by;
DROP TABLE campaign_approvals;
