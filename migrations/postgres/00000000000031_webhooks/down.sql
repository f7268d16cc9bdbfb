DELETE FROM store_facts WHERE name IN ('alert-claim:webhook', 'alert-claim:gates');
DROP TABLE gates_told;
