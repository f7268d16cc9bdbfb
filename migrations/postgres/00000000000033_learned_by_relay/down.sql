DELETE FROM store_facts WHERE name LIKE 'relay-learned:%' OR name LIKE 'provider-learned:%';
