-- People who asked to be written to and have not confirmed. Nothing of them is in the ledger. A row goes when its owner
-- confirms or leaves, and after 72 hours.
CREATE TABLE signups (
    id              INTEGER PRIMARY KEY,
    fingerprint     TEXT NOT NULL UNIQUE,
    fingerprint_key TEXT NOT NULL,
    address         TEXT NOT NULL,
    language        TEXT NOT NULL,
    text_version    TEXT NOT NULL,           -- consent_texts.hash
    form_version    TEXT NOT NULL,
    source          TEXT NOT NULL,
    nonce           TEXT NOT NULL,           -- with the keys, which are outside this database: the link
    token_fp        TEXT NOT NULL UNIQUE,    -- SHA-256 of the token in the link
    requested_at    BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    asked_at        BIGINT NOT NULL,         -- the latest request
    letter_due_at   BIGINT,                  -- NULL while no letter is to be sent
    taken_by        TEXT,                    -- the daemon that sends it now; until letter_due_at
    attempts        INTEGER NOT NULL,        -- since a letter last left
    letters         INTEGER NOT NULL,        -- that left
    mail_ref        TEXT,                    -- the Message-ID of the latest
    begun_at        BIGINT,                  -- when it was offered
    sent_at         BIGINT                   -- when it left
);
CREATE INDEX signups_due ON signups (letter_due_at) WHERE letter_due_at IS NOT NULL;
CREATE INDEX signups_by_end ON signups (expires_at);

-- That a letter went to an address, by fingerprint, for 30 days: nobody is to be written to again and again.
CREATE TABLE signup_letters (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    sent_at     BIGINT NOT NULL
);
CREATE INDEX signup_letters_by_fingerprint ON signup_letters (fingerprint);
CREATE INDEX signup_letters_by_time ON signup_letters (sent_at);

-- A link that is opened a second time.
CREATE INDEX consent_events_by_token ON consent_events (token_fp) WHERE token_fp IS NOT NULL;
