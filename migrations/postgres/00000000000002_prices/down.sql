DROP TABLE prices;
DROP TABLE price_series;
DROP TABLE price_imports;
