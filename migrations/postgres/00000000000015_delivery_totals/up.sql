-- What is left of a mailing's deliveries when their rows are removed from the log: counts, by the state that they ended
-- in. Nobody is named here.
CREATE TABLE delivery_totals (
    mailing_id BIGINT NOT NULL REFERENCES mailings (id),
    state      TEXT NOT NULL,
    planned    BIGINT NOT NULL,              -- how many deliveries
    granted    BIGINT NOT NULL,              -- how many of them a sender was ever let hand over
    taken      BIGINT NOT NULL,              -- how many copies a relay has said that it has
    doubled    BIGINT NOT NULL,              -- how many deliveries a relay has said more than once that it has
    filed      BIGINT NOT NULL,              -- how many are files in a folder
    PRIMARY KEY (mailing_id, state)
);
