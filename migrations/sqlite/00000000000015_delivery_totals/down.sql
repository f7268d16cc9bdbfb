DROP TABLE delivery_totals;
