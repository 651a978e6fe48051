-- name: chain.follow
-- What a leap leads to from one that comes to be, comes to be.
INSERT INTO chain
SELECT leap.workflow_id, leap.contact_id, leap.to_no
FROM leap
SEMI JOIN chain USING (workflow_id, contact_id, firing_no);
-- name: chain.double
-- Two leaps are one, so that a long chain is followed in few statements.
CREATE OR REPLACE TEMPORARY TABLE leap AS
SELECT leap.workflow_id, leap.contact_id, leap.firing_no, onward.to_no
FROM leap
JOIN leap AS onward ON onward.workflow_id = leap.workflow_id
  AND onward.contact_id = leap.contact_id AND onward.firing_no = leap.to_no;
