-- One row that does not outlive a crash of the server, and that no replica has: it tells whether commits that did not wait
-- for the disk are still there. Nobody is named here; the row lives as long as the server.
CREATE UNLOGGED TABLE commit_witness (
    the_one INTEGER NOT NULL DEFAULT 1 PRIMARY KEY CHECK (the_one = 1),
    witness TEXT NOT NULL
);
