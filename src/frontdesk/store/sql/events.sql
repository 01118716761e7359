-- The history and who heard it. Nothing here is ever changed or marked; the counters only grow.

-- append --
-- Params: contact_centre, interaction (or NULL), at_ms, body. Rows: 1, the event's place in the log.
INSERT INTO events (contact_centre, interaction, at_ms, body) VALUES (:contact_centre, :interaction, :at_ms, :body)
RETURNING seq

-- next_number --
-- The next number of a user's own sequence. Locks the counter, so numbers follow each other in commit order.
-- Params: contact_centre, user_id. Rows: 1. Index: the primary key.
INSERT INTO counters (contact_centre, user_id, number, reference) VALUES (:contact_centre, :user_id, 1, 0)
ON CONFLICT (contact_centre, user_id) DO UPDATE SET number = counters.number + 1
RETURNING number

-- hear --
-- Params: contact_centre, user_id, number, seq. Rows: 1 touched.
INSERT INTO hearings (contact_centre, user_id, number, seq) VALUES (:contact_centre, :user_id, :number, :seq)

-- next_reference --
-- The next reference of a user: 31 bits, positive, from one again after the last of these.
-- Params: contact_centre, user_id. Rows: 1. Index: the primary key.
INSERT INTO counters (contact_centre, user_id, number, reference) VALUES (:contact_centre, :user_id, 0, 1)
ON CONFLICT (contact_centre, user_id) DO UPDATE
SET reference = CASE WHEN counters.reference < 2147483647 THEN counters.reference + 1 ELSE 1 END
RETURNING reference

-- number_of --
-- Params: contact_centre, user_id. Rows: 0 or 1. Index: the primary key.
SELECT number FROM counters WHERE contact_centre = :contact_centre AND user_id = :user_id

-- oldest_of --
-- The number of the oldest event that a user can be told again.
-- Params: contact_centre, user_id. Rows: 1, NULL when there is none. Index: the primary key.
SELECT min(number) FROM hearings WHERE contact_centre = :contact_centre AND user_id = :user_id

-- of_interaction --
-- A page of one interaction's history, oldest first.
-- Params: contact_centre, interaction, limit, offset. Rows: at most limit. Index: events_by_interaction.
SELECT seq, body FROM events WHERE contact_centre = :contact_centre AND interaction = :interaction
ORDER BY seq LIMIT :limit OFFSET :offset

-- count_of_interaction --
-- Params: contact_centre, interaction. Rows: 1. Index: events_by_interaction, without its table.
SELECT count(*) FROM events WHERE contact_centre = :contact_centre AND interaction = :interaction

-- heard_by --
-- What a user heard after a number, in order.
-- Params: contact_centre, user_id, above, limit. Rows: at most limit. Index: the primary keys of both tables.
SELECT hearings.number, hearings.seq, events.body
FROM hearings JOIN events ON events.seq = hearings.seq
WHERE hearings.contact_centre = :contact_centre AND hearings.user_id = :user_id AND hearings.number > :above
ORDER BY hearings.number LIMIT :limit
