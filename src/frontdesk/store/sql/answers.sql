-- First answers of requests with an Idempotency-Key.

-- find --
-- Params: contact_centre, user_id, key. Rows: 0 or 1. Index: the primary key.
SELECT digest, outcome FROM answers WHERE contact_centre = :contact_centre AND user_id = :user_id AND key = :key

-- add --
-- Touches nothing when another request with this key was faster.
-- Params: contact_centre, user_id, key, digest, at_ms, outcome. Rows: 0 or 1 touched.
INSERT INTO answers (contact_centre, user_id, key, digest, at_ms, outcome)
VALUES (:contact_centre, :user_id, :key, :digest, :at_ms, :outcome)
ON CONFLICT DO NOTHING
