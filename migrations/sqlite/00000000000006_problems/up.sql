-- What is wrong, since when, and who has seen it. A problem stands while it has no `until`; of a kind and an object at
-- most one stands.
CREATE TABLE problems (
    id              INTEGER PRIMARY KEY,
    kind            TEXT NOT NULL,           -- mail-unusable, mailing-missed, campaign-held, …
    object          TEXT NOT NULL,           -- campaign | campaign/mailing | a daemon's name
    words           TEXT NOT NULL,
    remedy          TEXT NOT NULL,
    since           BIGINT NOT NULL,
    until           BIGINT,
    acknowledged_at BIGINT,
    acknowledged_by TEXT
);
CREATE UNIQUE INDEX problems_standing ON problems (kind, object) WHERE until IS NULL;
CREATE INDEX problems_by_object ON problems (kind, object, id);
DELETE FROM store_facts WHERE name LIKE 'trouble:%';
