-- A person's signed decision to go ahead in spite of a finding.
CREATE TABLE waivers (
    id       INTEGER PRIMARY KEY,
    campaign TEXT NOT NULL,                  -- the slug; the campaign need not be applied yet
    rule     TEXT NOT NULL,
    words    TEXT,                           -- only findings about these words, as they are written
    reason   TEXT NOT NULL,
    who      TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX waivers_by_campaign ON waivers (campaign);
