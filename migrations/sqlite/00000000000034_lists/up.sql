-- The lists of members. A list comes into being with the first act that puts somebody on it. It says whom a mailing may be
-- for; it is no consent, and makes nobody a member.
CREATE TABLE lists (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,              -- src/member/lists.rs
    since BIGINT NOT NULL
);

-- What put people on lists: one row for each import and each command. It tells of nobody who is on a list, and is kept as the
-- audit log is.
CREATE TABLE list_acts (
    id     INTEGER PRIMARY KEY,
    at     BIGINT NOT NULL,
    who    TEXT NOT NULL,
    basis  TEXT NOT NULL,                    -- import | command
    detail TEXT NOT NULL                     -- the file, or the reason; never an address
);

-- Who is on which list, and by which act. A row goes when the person is taken off the list, and with the person's address:
-- at an erasure, and when an address is not kept any longer.
CREATE TABLE memberships (
    list_id   BIGINT NOT NULL REFERENCES lists (id),
    member_id BIGINT NOT NULL REFERENCES members (id),
    act_id    BIGINT NOT NULL REFERENCES list_acts (id),
    PRIMARY KEY (list_id, member_id)
) WITHOUT ROWID;
CREATE INDEX memberships_by_member ON memberships (member_id);
