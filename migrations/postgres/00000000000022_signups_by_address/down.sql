DROP INDEX signups_by_address;
