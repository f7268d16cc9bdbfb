-- To how many lists a mailing goes; to everybody where there is none. Beside the lists themselves, so that a mailing whose
-- lists are gone goes to nobody, and not to everybody.
ALTER TABLE mailings ADD COLUMN lists BIGINT NOT NULL DEFAULT 0;

-- To which lists a mailing goes.
CREATE TABLE mailing_lists (
    mailing_id BIGINT NOT NULL REFERENCES mailings (id),
    list_id    BIGINT NOT NULL REFERENCES lists (id),
    PRIMARY KEY (mailing_id, list_id)
);
CREATE INDEX mailing_lists_by_list ON mailing_lists (list_id);
