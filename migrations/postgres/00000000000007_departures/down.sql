DELETE FROM store_facts WHERE name = 'identity';
