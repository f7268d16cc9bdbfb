-- The next editions that the daemon has proposed, by the name that each would get. The file itself is written when a person asks for
-- it, from what is applied then. A row stays when the proposal is dismissed, so that it is not made again.
CREATE TABLE edition_drafts (
    slug         TEXT    NOT NULL PRIMARY KEY,
    source       TEXT    NOT NULL,              -- the campaign of which it is the next edition
    edition      TEXT    NOT NULL,              -- its season and year, such as winter.2028
    begins_at    BIGINT NOT NULL,
    proposed_at  BIGINT NOT NULL,
    dismissed_at BIGINT
);
