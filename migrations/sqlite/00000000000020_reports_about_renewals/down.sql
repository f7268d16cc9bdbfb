CREATE TABLE bounces_before (
    id          INTEGER PRIMARY KEY,
    delivery_id BIGINT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    member_id   BIGINT NOT NULL REFERENCES members (id),
    campaign_id BIGINT NOT NULL REFERENCES campaigns (id),
    source      TEXT NOT NULL,
    class       TEXT NOT NULL,
    status      TEXT,
    reply_code  INTEGER,
    said        TEXT NOT NULL,
    sent_at     BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    judged_at   BIGINT,
    UNIQUE (delivery_id, class)
);
INSERT INTO bounces_before
    SELECT id, delivery_id, member_id, campaign_id, source, class, status, reply_code, said, sent_at, at, judged_at
    FROM bounces WHERE delivery_id IS NOT NULL;
DROP TABLE bounces;
ALTER TABLE bounces_before RENAME TO bounces;
CREATE INDEX bounces_by_member ON bounces (member_id);
CREATE INDEX bounces_by_time ON bounces (at);
CREATE INDEX bounces_unjudged ON bounces (id) WHERE judged_at IS NULL;
