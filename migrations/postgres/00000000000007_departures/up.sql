-- Which store this is, wherever a copy of it stands.
INSERT INTO store_facts (name, value) VALUES ('identity', replace(gen_random_uuid()::text, '-', ''));
