-- What came back about a delivery: what it said, never the message. One row for each delivery and class of report.
-- Kept as long as the delivery it is about (clock `delivery-log`, [consent] delivery_log_months), and gone with it.
-- Erasure: no address is in here, `said` is kept without one; the row names its member by number alone, as the delivery does.
CREATE TABLE bounces (
    id          INTEGER PRIMARY KEY,
    delivery_id BIGINT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    member_id   BIGINT NOT NULL REFERENCES members (id),
    campaign_id BIGINT NOT NULL REFERENCES campaigns (id),
    source      TEXT NOT NULL,               -- report | relay
    class       TEXT NOT NULL,               -- config/bounces.toml
    status      TEXT,                        -- the enhanced status
    reply_code  INTEGER,
    said        TEXT NOT NULL,
    sent_at     BIGINT NOT NULL,             -- when the mail was handed over
    at          BIGINT NOT NULL,             -- when this was read
    judged_at   BIGINT,                      -- NULL while what follows for the member is not decided
    UNIQUE (delivery_id, class)
);
CREATE INDEX bounces_by_member ON bounces (member_id);
CREATE INDEX bounces_by_time ON bounces (at);
CREATE INDEX bounces_unjudged ON bounces (id) WHERE judged_at IS NULL;
