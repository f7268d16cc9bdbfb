ALTER TABLE mailings DROP COLUMN first_letter_at;
