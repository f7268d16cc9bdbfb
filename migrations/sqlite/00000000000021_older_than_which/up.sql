-- What a daemon found about the age of the store says how often a person had vouched for the store that it looked at, so
-- that it does not outlive an answer that came meanwhile. No column changes.
UPDATE store_facts
SET value = coalesce((SELECT answers.value FROM store_facts AS answers WHERE answers.name = 'answers'), '0')
WHERE name = 'older';
