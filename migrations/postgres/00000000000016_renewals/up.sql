-- That a member is asked, before the consent runs out, whether to go on: one row for the act that the consent rests on, so
-- that nobody is asked twice. Kept as long as the consent rests on that act: a row goes when the person renews, leaves, is
-- erased or signs up anew, and when the consent ends. It holds no address; the member's row does.
CREATE TABLE renewals (
    member_id      BIGINT PRIMARY KEY REFERENCES members (id),
    act_at         BIGINT NOT NULL,          -- the act that the consent rests on
    ends_at        BIGINT NOT NULL,          -- when the consent stops counting
    state          TEXT NOT NULL,            -- src/member/renewal.rs
    due_at         BIGINT,                   -- when the letter is tried; NULL when it is not any more
    taken_by       TEXT,                     -- the daemon that sends it now; until due_at
    attempts       INTEGER NOT NULL,
    token_fp       TEXT UNIQUE,              -- SHA-256 of the token in the link
    mail_ref       TEXT,                     -- the Message-ID
    handed_over_at BIGINT                    -- on disk before the body went out
);
CREATE INDEX renewals_due ON renewals (due_at) WHERE due_at IS NOT NULL;

-- Whose consent runs out next.
CREATE INDEX members_by_end ON members (expires_at) WHERE expires_at IS NOT NULL;
