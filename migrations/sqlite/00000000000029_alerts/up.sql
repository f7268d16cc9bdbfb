-- Problems that somebody was told of without asking, by channel, until their end was told too.
CREATE TABLE alerts (
    channel TEXT NOT NULL,                   -- command | mail
    kind    TEXT NOT NULL,                   -- of the problem
    object  TEXT NOT NULL,                   -- of the problem; empty for what a daemon meets
    told_at BIGINT NOT NULL,
    seen_at BIGINT,                          -- when it was seen that a person had acknowledged it
    PRIMARY KEY (channel, kind, object)
) WITHOUT ROWID;
-- Whoever tells by a channel holds its row: several daemons tell one after the other.
INSERT INTO store_facts (name, value) VALUES ('alert-claim:command', 'free'), ('alert-claim:mail', 'free');
