-- Which store this is, wherever a copy of it stands.
INSERT INTO store_facts (name, value) VALUES ('identity', lower(hex(randomblob(16))));
