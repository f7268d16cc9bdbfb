DROP TABLE commit_witness;
