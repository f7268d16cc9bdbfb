-- Until when a member asked not to be written to. A copy of what the ledger amounts to, as the other columns of a state.
ALTER TABLE members ADD COLUMN paused_until BIGINT;
