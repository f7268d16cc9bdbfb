-- The parts of a mailing that the circuit breaker has stopped: by provider, since when and why, in the relay's words and never with an
-- address. A JSON object; empty while none is stopped.
ALTER TABLE mailings ADD COLUMN stopped_parts TEXT NOT NULL DEFAULT '{}';
