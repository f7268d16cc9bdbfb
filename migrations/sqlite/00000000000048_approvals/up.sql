-- Files that were to be applied and wait until another person approves them, one for each campaign. Nothing of them is public: what
-- was applied before goes on.
CREATE TABLE campaign_approvals (
    slug        TEXT    NOT NULL PRIMARY KEY,
    source_name TEXT    NOT NULL,
    source_text TEXT    NOT NULL,
    schedule    TEXT    NOT NULL,               -- JSON: what it resolved to when it was asked for
    answers     TEXT    NOT NULL,               -- JSON: what the person who asks takes on
    asked_at    BIGINT NOT NULL,
    asked_by    TEXT    NOT NULL
);
-- Who approved a version, where that is asked for.
ALTER TABLE campaign_versions ADD COLUMN approved_by TEXT;
