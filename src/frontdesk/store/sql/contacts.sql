-- Contacts, and who of us had an interaction of theirs last.

-- last_agent --
-- Params: contact_centre, contact. Rows: 0 or 1. Index: the primary key.
SELECT user_id FROM contacts WHERE contact_centre = :contact_centre AND contact = :contact

-- had_by --
-- Params: contact_centre, contact, user_id, at_ms. Rows: 1 touched.
INSERT INTO contacts (contact_centre, contact, user_id, at_ms)
VALUES (:contact_centre, :contact, :user_id, :at_ms)
ON CONFLICT (contact_centre, contact) DO UPDATE SET user_id = excluded.user_id, at_ms = excluded.at_ms
