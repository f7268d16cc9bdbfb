-- Prices on record that a person has corrected. What was typed stays in prices; this says what was charged in fact, who says so
-- and why. The latest correction of a row counts. Append-only.
CREATE TABLE price_corrections (
    series_id    BIGINT NOT NULL REFERENCES price_series (id),
    from_at      BIGINT NOT NULL,           -- with the series: the row of prices
    corrected_at BIGINT NOT NULL,
    was          BIGINT NOT NULL,           -- minor units, in the currency of the row: what counted until then
    price        BIGINT NOT NULL,           -- what counts since
    reason       TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    PRIMARY KEY (series_id, from_at, corrected_at)
);
