-- On which lists whoever is is not written to by a mailing, and how many lists those are: a mailing that leaves nobody out is asked
-- nothing more.
ALTER TABLE mailings ADD COLUMN excluded BIGINT NOT NULL DEFAULT 0;
CREATE TABLE mailing_exclusions (
    mailing_id BIGINT NOT NULL REFERENCES mailings (id),
    list_id    BIGINT NOT NULL REFERENCES lists (id),
    PRIMARY KEY (mailing_id, list_id)
);
CREATE INDEX mailing_exclusions_by_list ON mailing_exclusions (list_id);
