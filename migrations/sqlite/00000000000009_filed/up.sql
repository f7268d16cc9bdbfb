-- A letter that went into a folder is told from one that a relay took: where its attempt ended is `folder`, and nobody
-- gave a reply code.
UPDATE deliveries SET stage = 'folder', reply_code = NULL
WHERE state = 'accepted' AND stage = 'body'
  AND (reason LIKE 'written to %.eml' OR reason LIKE 'was already written to %.eml');
-- Empty where a relay takes the letters, so that counting those in folders costs nothing there.
CREATE INDEX deliveries_filed ON deliveries (mailing_id) WHERE stage = 'folder';
