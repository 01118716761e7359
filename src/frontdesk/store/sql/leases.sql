-- Who routes a contact centre. Offers look at the epoch where they reserve room: `reserve` among the agents.

-- take --
-- The epoch from now on: one more than that of whoever had it before.
-- Params: contact_centre, at_ms. Rows: 1. Index: the primary key.
INSERT INTO routing_leases (contact_centre, epoch, taken_at_ms) VALUES (:contact_centre, 1, :at_ms)
ON CONFLICT (contact_centre) DO UPDATE SET epoch = routing_leases.epoch + 1, taken_at_ms = excluded.taken_at_ms
RETURNING epoch

-- epoch --
-- Params: contact_centre. Rows: 0 or 1. Index: the primary key.
SELECT epoch FROM routing_leases WHERE contact_centre = :contact_centre
