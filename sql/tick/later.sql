-- name: later
-- When contacts have to be looked at again, though nothing may come to be known of them.
CREATE OR REPLACE TEMPORARY TABLE later (contact_id {{ contact_id }}, turned_at TIMESTAMP);
