DROP TABLE campaign_versions;
