-- The files that prices came from: where the proof is.
CREATE TABLE price_imports (
    id          INTEGER PRIMARY KEY,
    file        TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    imported_by TEXT NOT NULL
);

-- Short names for the step functions, so that their rows stay small.
CREATE TABLE price_series (
    id       INTEGER PRIMARY KEY,
    sku      TEXT NOT NULL,
    market   TEXT NOT NULL,
    channel  TEXT NOT NULL,                 -- online | store
    audience TEXT NOT NULL,                 -- public | open-members | closed-group | personal
    UNIQUE (sku, market, channel, audience)
);

-- What an article cost from an instant on. Append-only.
CREATE TABLE prices (
    series_id BIGINT NOT NULL REFERENCES price_series (id),
    from_at   BIGINT NOT NULL,
    price     BIGINT,                       -- minor units; null: not for sale from then on
    currency  TEXT,                         -- ISO 4217; null where the price is
    campaign  TEXT,                         -- the campaign that announced it as a reduction
    note      TEXT,                         -- the file's own word on where the price comes from
    import_id BIGINT NOT NULL REFERENCES price_imports (id),
    line      BIGINT NOT NULL,
    PRIMARY KEY (series_id, from_at)
) WITHOUT ROWID;
