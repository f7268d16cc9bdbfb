-- The ledger without the indexes that nothing asks: a digest and an event's id are unique because the chain makes them so,
-- and `consent verify` computes it again. Both are random, so that with a million members each new line wrote pages all
-- over the table's files.
ALTER TABLE consent_events DROP CONSTRAINT consent_events_hash_key;
ALTER TABLE consent_events DROP CONSTRAINT consent_events_event_id_key;
