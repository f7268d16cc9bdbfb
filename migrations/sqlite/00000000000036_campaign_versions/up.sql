-- What each campaign was applied as, revision by revision: an earlier file can be compared with, and written again. One row for each
-- apply, append-only; kept as long as its campaign, which holds nobody's address. The stores of earlier builds have the last one.
CREATE TABLE campaign_versions (
    campaign_id BIGINT NOT NULL REFERENCES campaigns (id),
    revision    BIGINT NOT NULL,
    source_name TEXT NOT NULL,
    source_text TEXT NOT NULL,
    schedule    TEXT NOT NULL,               -- JSON
    applied_at  BIGINT NOT NULL,
    applied_by  TEXT NOT NULL,
    PRIMARY KEY (campaign_id, revision)
) WITHOUT ROWID;
INSERT INTO campaign_versions (campaign_id, revision, source_name, source_text, schedule, applied_at, applied_by)
SELECT id, revision, source_name, source_text, schedule, applied_at, applied_by FROM campaigns;
