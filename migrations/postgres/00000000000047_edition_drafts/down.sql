DROP TABLE edition_drafts;
