-- What was learned of a relay is kept under its name, and that of a provider under both names. What was kept before names no
-- relay; it is a guess, and is learned anew.
DELETE FROM store_facts WHERE name = 'relay-learned' OR name LIKE 'provider-learned:%';
