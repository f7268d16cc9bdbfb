DROP TABLE removed_lines;
