DROP INDEX deliveries_filed;
UPDATE deliveries SET stage = 'body', reply_code = 250 WHERE stage = 'folder';
