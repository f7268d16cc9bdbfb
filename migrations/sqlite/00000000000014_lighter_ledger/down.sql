CREATE UNIQUE INDEX consent_events_hash_key ON consent_events (hash);
CREATE UNIQUE INDEX consent_events_event_id_key ON consent_events (event_id);
