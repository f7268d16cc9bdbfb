-- Whoever leaves takes the sign-ups of the same address along. Without an index each leaving reads all of them, and in a flood
-- keeps the others waiting. A copy of the address, kept as long as the sign-up is (clock `unconfirmed`).
CREATE INDEX signups_by_address ON signups (lower(address));
