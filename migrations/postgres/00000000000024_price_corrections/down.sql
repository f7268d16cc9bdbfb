DROP TABLE price_corrections;
