-- The ledger without the indexes that nothing asks: a digest and an event's id are unique because the chain makes them so,
-- and `consent verify` computes it again. Both are random, so that with a million members each new line wrote pages all
-- over the file. Its number is the row's own, which saves a third.
CREATE TABLE consent_events_lighter (
    seq             INTEGER PRIMARY KEY,
    prev_hash       TEXT NOT NULL,
    hash            TEXT NOT NULL,
    event_id        TEXT NOT NULL,
    occurred_at     BIGINT NOT NULL,
    recorded_at     BIGINT NOT NULL,
    subject         TEXT NOT NULL,           -- members.pseudonym
    fingerprint     TEXT NOT NULL,
    fingerprint_key TEXT NOT NULL,
    controller      TEXT NOT NULL,
    purpose         TEXT NOT NULL,
    channel         TEXT NOT NULL,
    action          TEXT NOT NULL,
    basis           TEXT NOT NULL,
    text_version    TEXT,
    form_version    TEXT,
    source          TEXT NOT NULL,
    method          TEXT NOT NULL,
    mail_ref        TEXT,
    token_fp        TEXT,
    reason          TEXT
);
INSERT INTO consent_events_lighter
SELECT seq, prev_hash, hash, event_id, occurred_at, recorded_at, subject, fingerprint, fingerprint_key, controller, purpose,
       channel, action, basis, text_version, form_version, source, method, mail_ref, token_fp, reason
FROM consent_events ORDER BY seq;
DROP TABLE consent_events;
ALTER TABLE consent_events_lighter RENAME TO consent_events;
CREATE INDEX consent_events_by_subject ON consent_events (subject, seq);
CREATE INDEX consent_events_by_token ON consent_events (token_fp) WHERE token_fp IS NOT NULL;
