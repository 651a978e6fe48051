-- Ids are in the order of created_at: the contacts known at $opens are 1 to this number.
SELECT count(*) FROM person WHERE created_us < $opens
