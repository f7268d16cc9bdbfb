-- "Crln": how a Carillon store is told from another program's SQLite file.
PRAGMA application_id = 0x43726c6e;

-- The campaigns as they were last applied. `schedule` is what the gate and the planner read; `source_text` is the
-- file it came from. Instants are microseconds since 1970-01-01T00:00:00Z, everywhere in this schema.
CREATE TABLE campaigns (
    id           INTEGER PRIMARY KEY,
    slug         TEXT NOT NULL UNIQUE,
    title        TEXT NOT NULL,
    state        TEXT NOT NULL,              -- active | paused | cancelled
    held         TEXT,                       -- why its mailings wait, when the law has moved
    revision     BIGINT NOT NULL,            -- counts the applies
    source_name  TEXT NOT NULL,
    source_text  TEXT NOT NULL,
    schedule     TEXT NOT NULL,              -- JSON
    opens_at     BIGINT NOT NULL,
    closes_at    BIGINT NOT NULL,
    cancelled_at BIGINT,
    applied_at   BIGINT NOT NULL,
    applied_by   TEXT NOT NULL
);

CREATE TABLE mailings (
    id          INTEGER PRIMARY KEY,
    campaign_id BIGINT NOT NULL REFERENCES campaigns (id),
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    not_before  BIGINT NOT NULL,
    not_after   BIGINT NOT NULL,
    languages   TEXT NOT NULL,               -- JSON array, the first is the fallback
    state       TEXT NOT NULL,               -- planned | sending | finished | missed | cancelled
    frozen_at   BIGINT,
    ended_at    BIGINT,
    UNIQUE (campaign_id, name)
);

-- A pseudonym, an address, a language, and a state that can be rebuilt from consent_events at any time. The address is
-- gone after an erasure; the fingerprint is keyed, and its key is outside this database.
CREATE TABLE members (
    id              INTEGER PRIMARY KEY,
    pseudonym       TEXT NOT NULL UNIQUE,
    address         TEXT,
    fingerprint     TEXT NOT NULL UNIQUE,
    fingerprint_key TEXT NOT NULL,
    language        TEXT NOT NULL,
    consent         TEXT NOT NULL,           -- requested | confirmed | withdrawn | expired | dead | erased
    consent_since   BIGINT NOT NULL,
    expires_at      BIGINT
);
CREATE INDEX members_by_consent ON members (consent, id);

-- The exact wordings that people agreed to, by the SHA-256 of their bytes.
CREATE TABLE consent_texts (
    hash TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

-- The ledger: append-only, gapless, each row bound to the one before it.
CREATE TABLE consent_events (
    seq             BIGINT PRIMARY KEY,
    prev_hash       TEXT NOT NULL,
    hash            TEXT NOT NULL UNIQUE,
    event_id        TEXT NOT NULL UNIQUE,
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
CREATE INDEX consent_events_by_subject ON consent_events (subject, seq);

-- Addresses that must not be written to. Only keyed fingerprints.
CREATE TABLE suppressions (
    fingerprint TEXT PRIMARY KEY,
    key_id      TEXT NOT NULL,
    cause       TEXT NOT NULL,               -- withdrawn | objected | complained | dead
    since       BIGINT NOT NULL
);

-- One mailing for one member, once.
CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY,
    mailing_id      BIGINT NOT NULL REFERENCES mailings (id),
    member_id       BIGINT NOT NULL REFERENCES members (id),
    state           TEXT NOT NULL,           -- queued | claimed | handed-over | accepted | deferred | refused | in-doubt | expired | skipped
    attempts        INTEGER NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    lease_owner     TEXT,
    lease_until     BIGINT,
    handed_over_at  BIGINT,
    ended_at        BIGINT,
    stage           TEXT,                    -- where the last attempt ended: connect | mail | rcpt | data | body
    reply_code      INTEGER,
    enhanced_status TEXT,
    reason          TEXT,                    -- the relay's words or ours, never with an address
    UNIQUE (mailing_id, member_id)
);
CREATE INDEX deliveries_by_mailing ON deliveries (mailing_id, state, next_attempt_at, id);
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX deliveries_by_member ON deliveries (member_id);

-- Who changed what, when.
CREATE TABLE audit_log (
    seq    INTEGER PRIMARY KEY,
    at     BIGINT NOT NULL,
    who    TEXT NOT NULL,
    action TEXT NOT NULL,                    -- campaign.applied, member.erased, …
    object TEXT NOT NULL,
    detail TEXT NOT NULL                     -- JSON
);

-- Single values: this store's identity, counters that guard a restored backup, heartbeats.
CREATE TABLE store_facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO store_facts (name, value) VALUES ('handed-over', '0');
