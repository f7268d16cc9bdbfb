-- What the chain needs of a line of the ledger whose proof has served its time and that was removed: its number, its digest, and
-- that of the line before it. The code is made with our keys, so that who has the store alone cannot hide a line in this way
-- (src/member/removal.rs). Kept as long as the ledger.
-- Erasure: nothing here tells of a person: a digest cannot be computed again without what stood in the line.
CREATE TABLE removed_lines (
    seq        INTEGER PRIMARY KEY,    -- its number, which no line of consent_events has
    prev_hash  TEXT NOT NULL,
    hash       TEXT NOT NULL,
    clock      TEXT NOT NULL,          -- by which it was removed: src/member/retention.rs
    removed_on TEXT NOT NULL,          -- a day (UTC)
    key_id     TEXT NOT NULL,
    mac        TEXT NOT NULL
);
