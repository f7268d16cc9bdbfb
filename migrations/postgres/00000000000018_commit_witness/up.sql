-- One row that does not outlive a crash of the server, and that no replica has: it tells whether commits that did not wait
-- for the disk are still there. Nobody is named here; the row lives as long as the server.
CREATE UNLOGGED TABLE commit_witness (
    the_one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (the_one),
    witness TEXT NOT NULL
);
