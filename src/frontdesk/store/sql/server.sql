-- What must be found before the contact centre is known, and what sweeps over all of them.

-- contact_centres --
-- Params: none. Rows: every contact centre, by name. Index: the unique name.
SELECT id, name FROM contact_centres ORDER BY name

-- add_contact_centre --
-- Touches nothing when the name (or the id) is taken.
-- Params: id, name. Rows: 0 or 1 touched.
INSERT INTO contact_centres (id, name) VALUES (:id, :name)
ON CONFLICT DO NOTHING

-- credentials --
-- Params: user_name. Rows: 0 or 1. Index: the unique user name.
SELECT contact_centre, image, password_hash FROM users WHERE user_name = :user_name

-- user --
-- Params: id. Rows: 0 or 1. Index: the primary key.
SELECT contact_centre, image FROM users WHERE id = :id

-- token --
-- Params: secret_hash. Rows: 0 or 1. Index: the unique hash.
SELECT contact_centre, image FROM tokens WHERE secret_hash = :secret_hash

-- session --
-- Params: secret_hash. Rows: 0 or 1. Index: the primary key.
SELECT contact_centre, user_id, csrf_token, created_at_ms, last_used_ms FROM http_sessions
WHERE secret_hash = :secret_hash

-- add_session --
-- Params: the columns. Rows: 1 touched.
INSERT INTO http_sessions (secret_hash, contact_centre, user_id, csrf_token, created_at_ms, last_used_ms)
VALUES (:secret_hash, :contact_centre, :user_id, :csrf_token, :created_at_ms, :last_used_ms)

-- touch_session --
-- Use never goes back in time.
-- Params: secret_hash, at_ms. Rows: 0 or 1 touched. Index: the primary key.
UPDATE http_sessions SET last_used_ms = :at_ms WHERE secret_hash = :secret_hash AND last_used_ms < :at_ms

-- remove_session --
-- Params: secret_hash. Rows: 0 or 1 touched. Index: the primary key.
DELETE FROM http_sessions WHERE secret_hash = :secret_hash

-- remove_sessions_of --
-- All of a user's but one; no hash is empty, so '' spares none.
-- Params: user_id, but. Rows: the hashes of those removed. Index: http_sessions_by_user.
DELETE FROM http_sessions WHERE user_id = :user_id AND secret_hash <> :but
RETURNING secret_hash

-- remove_dead_sessions --
-- Params: unused_since_ms, born_before_ms. Rows: the hashes of those removed.
-- Index: http_sessions_by_use, http_sessions_by_birth.
DELETE FROM http_sessions WHERE last_used_ms < :unused_since_ms OR created_at_ms < :born_before_ms
RETURNING secret_hash

-- mail_address --
-- Params: address. Rows: 0 or 1. Index: the primary key.
SELECT contact_centre, queue FROM mail_addresses WHERE address = :address

-- due --
-- Params: now_ms, limit. Rows: at most limit, in order of deadline. Index: interactions_by_deadline.
SELECT contact_centre, id FROM interactions WHERE deadline_ms <= :now_ms
ORDER BY deadline_ms, id LIMIT :limit

-- next_deadline --
-- Params: none. Rows: 1, NULL when nothing has a deadline. Index: interactions_by_deadline.
SELECT min(deadline_ms) FROM interactions WHERE deadline_ms IS NOT NULL

-- due_wrap_ups --
-- Params: now_ms, limit. Rows: at most limit, in order of deadline. Index: agent_channels_by_deadline.
SELECT contact_centre, user_id, channel FROM agent_channels WHERE deadline_ms <= :now_ms
ORDER BY deadline_ms, user_id, channel LIMIT :limit

-- next_wrap_up --
-- Params: none. Rows: 1, NULL when nobody wraps up. Index: agent_channels_by_deadline.
SELECT min(deadline_ms) FROM agent_channels WHERE deadline_ms IS NOT NULL

-- silent_agents --
-- Params: before_ms, limit. Rows: at most limit, longest silent first. Index: agents_by_silence.
SELECT contact_centre, user_id FROM agents WHERE is_in_session = 1 AND last_seen_ms < :before_ms
ORDER BY last_seen_ms LIMIT :limit

-- hearers --
-- The next users in order, and when the oldest event happened that each can be told again (NULL: there is none).
-- Params: contact_centre, user_id (above these), limit. Rows: at most limit. Index: the primary keys of all tables.
SELECT counters.contact_centre, counters.user_id, (
    SELECT events.at_ms FROM hearings JOIN events ON events.seq = hearings.seq
    WHERE hearings.contact_centre = counters.contact_centre AND hearings.user_id = counters.user_id
    ORDER BY hearings.number LIMIT 1
)
FROM counters WHERE (counters.contact_centre, counters.user_id) > (:contact_centre, :user_id)
ORDER BY counters.contact_centre, counters.user_id LIMIT :limit

-- oldest_heard --
-- The oldest of what a user can be told again, without the last there is.
-- Params: contact_centre, user_id, limit. Rows: at most limit, in order. Index: the primary keys of all tables.
SELECT hearings.number, events.at_ms FROM hearings JOIN events ON events.seq = hearings.seq
WHERE hearings.contact_centre = :contact_centre AND hearings.user_id = :user_id AND hearings.number < (
    SELECT number FROM counters WHERE contact_centre = :contact_centre AND user_id = :user_id
)
ORDER BY hearings.number LIMIT :limit

-- forget_heard --
-- Params: contact_centre, user_id, up_to. Rows: those touched. Index: the primary key.
DELETE FROM hearings WHERE contact_centre = :contact_centre AND user_id = :user_id AND number <= :up_to

-- forget_answers --
-- The oldest first, a bounded number at a time, so that nobody waits behind a day's worth.
-- Params: before_ms, limit. Rows: at most limit touched. Index: answers_by_age, the primary key.
DELETE FROM answers WHERE (contact_centre, user_id, key) IN (
    SELECT contact_centre, user_id, key FROM answers WHERE at_ms < :before_ms ORDER BY at_ms LIMIT :limit
)
