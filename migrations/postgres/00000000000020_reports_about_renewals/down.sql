DELETE FROM bounces WHERE delivery_id IS NULL;
ALTER TABLE bounces
    DROP COLUMN act_at,
    ALTER COLUMN delivery_id SET NOT NULL,
    ALTER COLUMN campaign_id SET NOT NULL;
