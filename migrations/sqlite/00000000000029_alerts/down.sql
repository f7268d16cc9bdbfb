DROP TABLE alerts;
DELETE FROM store_facts WHERE name LIKE 'alert-claim:%';
