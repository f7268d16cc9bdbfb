DROP INDEX consent_events_by_token;
DROP TABLE signup_letters;
DROP TABLE signups;
