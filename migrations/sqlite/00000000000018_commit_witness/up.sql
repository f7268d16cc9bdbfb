-- Where the store is a file, the kernel's own number tells what PostgreSQL's table of this name tells. The schema is the
-- same on both.
CREATE TABLE commit_witness (
    the_one INTEGER NOT NULL DEFAULT 1 PRIMARY KEY CHECK (the_one = 1),
    witness TEXT NOT NULL
);
