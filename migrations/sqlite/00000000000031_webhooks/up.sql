-- What shops were told of each gate by a webhook: what is new is what differs from it.
CREATE TABLE gates_told (
    slug TEXT PRIMARY KEY,                  -- campaigns.slug
    told TEXT NOT NULL                      -- JSON
) WITHOUT ROWID;
-- Whoever tells by a webhook holds its row.
INSERT INTO store_facts (name, value) VALUES ('alert-claim:webhook', 'free'), ('alert-claim:gates', 'free');
