DROP TABLE memberships;
DROP TABLE list_acts;
DROP TABLE lists;
