ALTER TABLE consent_events ADD CONSTRAINT consent_events_hash_key UNIQUE (hash);
ALTER TABLE consent_events ADD CONSTRAINT consent_events_event_id_key UNIQUE (event_id);
