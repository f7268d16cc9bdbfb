-- What came back about a letter that asks whether to go on is kept beside what came back about deliveries: such a row names the
-- act that the consent rests on in the place of a delivery and a campaign. Kept as long as a delivery that left with it (clock
-- `delivery-log`). SQLite cannot take a NOT NULL away from a column, so the table is made anew.
CREATE TABLE bounces_anew (
    id          INTEGER PRIMARY KEY,
    delivery_id BIGINT REFERENCES deliveries (id) ON DELETE CASCADE,
    member_id   BIGINT NOT NULL REFERENCES members (id),
    campaign_id BIGINT REFERENCES campaigns (id),
    act_at      BIGINT,                      -- the act whose letter came back; NULL for a delivery
    source      TEXT NOT NULL,               -- report | relay
    class       TEXT NOT NULL,               -- config/bounces.toml
    status      TEXT,                        -- the enhanced status
    reply_code  INTEGER,
    said        TEXT NOT NULL,
    sent_at     BIGINT NOT NULL,             -- when the mail was handed over
    at          BIGINT NOT NULL,             -- when this was read
    judged_at   BIGINT,                      -- NULL while what follows for the member is not decided
    UNIQUE (delivery_id, class),
    CHECK ((delivery_id IS NULL) = (act_at IS NOT NULL) AND (delivery_id IS NULL) = (campaign_id IS NULL))
);
INSERT INTO bounces_anew
    SELECT id, delivery_id, member_id, campaign_id, NULL, source, class, status, reply_code, said, sent_at, at, judged_at
    FROM bounces;
DROP TABLE bounces;
ALTER TABLE bounces_anew RENAME TO bounces;
CREATE INDEX bounces_by_member ON bounces (member_id);
CREATE INDEX bounces_by_time ON bounces (at);
CREATE INDEX bounces_unjudged ON bounces (id) WHERE judged_at IS NULL;
CREATE UNIQUE INDEX bounces_of_renewals ON bounces (member_id, act_at, class) WHERE act_at IS NOT NULL;
