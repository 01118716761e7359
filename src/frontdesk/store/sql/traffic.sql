-- For recording what came to a contact centre.

-- all_events --
-- What happened in a period, in order. It walks through the log: the moments of events have no index of their own.
-- Params: contact_centre, from_ms, until_ms. Rows: all of that time. Index: the primary key.
SELECT body FROM events
WHERE contact_centre = :contact_centre AND at_ms >= :from_ms AND at_ms < :until_ms
ORDER BY seq
