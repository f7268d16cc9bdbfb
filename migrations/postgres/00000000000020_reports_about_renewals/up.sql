-- What came back about a letter that asks whether to go on is kept beside what came back about deliveries: such a row names the
-- act that the consent rests on in the place of a delivery and a campaign. Kept as long as a delivery that left with it (clock
-- `delivery-log`).
ALTER TABLE bounces
    ALTER COLUMN delivery_id DROP NOT NULL,
    ALTER COLUMN campaign_id DROP NOT NULL,
    ADD COLUMN act_at BIGINT,                -- the act whose letter came back; NULL for a delivery
    ADD CHECK ((delivery_id IS NULL) = (act_at IS NOT NULL) AND (delivery_id IS NULL) = (campaign_id IS NULL));
CREATE UNIQUE INDEX bounces_of_renewals ON bounces (member_id, act_at, class) WHERE act_at IS NOT NULL;
