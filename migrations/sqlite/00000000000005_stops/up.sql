-- A mailing that the circuit breaker has stopped: since when, and why, in the relay's words and never with an address.
-- A person lets it go on; its deadline ends it in any case.
ALTER TABLE mailings ADD COLUMN stopped_at BIGINT;
ALTER TABLE mailings ADD COLUMN stopped_why TEXT;
