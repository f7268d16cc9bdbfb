UPDATE store_facts SET value = 'yes' WHERE name = 'older';
