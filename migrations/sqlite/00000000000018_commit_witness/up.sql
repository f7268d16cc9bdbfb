-- Where the store is a file, the kernel's own number tells what PostgreSQL's table of this name tells. The schema is the
-- same on both.
CREATE TABLE commit_witness (
    the_one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (the_one),
    witness TEXT NOT NULL
);
