-- For checking a store against its laws. Statements called `all_…` walk through a table in the order of an index,
-- because checking looks at everything; the others are asked once per row of these.

-- size --
-- How many rows will be walked through.
-- Params: none. Rows: 1. Index: whichever is the smallest, primary keys mostly.
SELECT (SELECT count(*) FROM interactions) + (SELECT count(*) FROM invitations)
    + (SELECT count(*) FROM agent_channels) + (SELECT count(*) FROM events) + (SELECT count(*) FROM hearings)
    + (SELECT count(*) FROM directory) + (SELECT count(*) FROM mail_addresses) + (SELECT count(*) FROM users)
    + (SELECT count(*) FROM tokens) + (SELECT count(*) FROM emails)

-- all_interactions --
-- Params: none. Rows: all.
SELECT contact_centre, image, id, version, state, is_live, media_type, queue, priority, queued_at_ms,
    owner, workbin, workbin_owner, deadline_ms, external_id
FROM interactions

-- all_invitations --
-- Params: none. Rows: all.
SELECT contact_centre, user_id, interaction FROM invitations

-- all_channels --
-- Params: none. Rows: all.
SELECT contact_centre, user_id, channel, load, state, deadline_ms, agent_state, detail FROM agent_channels

-- all_events_of_interactions --
-- Those of one interaction after each other.
-- Params: none. Rows: all. Index: events_by_interaction.
SELECT contact_centre, interaction, seq, at_ms, body FROM events WHERE interaction IS NOT NULL
ORDER BY contact_centre, interaction, seq

-- all_events_of_none --
-- Params: none. Rows: all that tell of something else.
SELECT contact_centre, seq, at_ms, body FROM events WHERE interaction IS NULL

-- all_hearings --
-- Those of one user after each other; the event may be missing.
-- Params: none. Rows: all. Index: the primary keys of both tables.
SELECT hearings.contact_centre, hearings.user_id, hearings.number, hearings.seq, events.body
FROM hearings LEFT JOIN events ON events.seq = hearings.seq
ORDER BY hearings.contact_centre, hearings.user_id, hearings.number

-- all_things --
-- Params: none. Rows: all.
SELECT contact_centre, noun, id, name, version, image FROM directory

-- all_addresses --
-- Params: none. Rows: all.
SELECT address, contact_centre, queue FROM mail_addresses

-- all_users --
-- Params: none. Rows: all.
SELECT contact_centre, id, user_name, version, image FROM users

-- all_tokens --
-- Params: none. Rows: all.
SELECT contact_centre, id, user_id, image FROM tokens

-- all_emails --
-- Params: none. Rows: all.
SELECT contact_centre, interaction, image FROM emails

-- sums_of_counters --
-- Params: none. Rows: one per contact centre. Index: the primary key.
SELECT contact_centre, sum(number) FROM counters GROUP BY contact_centre

-- interaction --
-- Params: contact_centre, id. Rows: 0 or 1. Index: the primary key.
SELECT image FROM interactions WHERE id = :id AND contact_centre = :contact_centre

-- last_event --
-- Params: contact_centre, interaction. Rows: 0 or 1. Index: events_by_interaction.
SELECT seq, body FROM events WHERE contact_centre = :contact_centre AND interaction = :interaction
ORDER BY seq DESC LIMIT 1

-- invitation --
-- Params: contact_centre, user_id, interaction. Rows: 0 or 1. Index: the primary key.
SELECT 1 FROM invitations
WHERE contact_centre = :contact_centre AND user_id = :user_id AND interaction = :interaction

-- holdings --
-- How many interactions of one medium a user owns or is invited to.
-- Params: contact_centre, user_id, media_type. Rows: 1. Index: interactions_by_owner, primary keys.
SELECT
    (
        SELECT count(*) FROM interactions
        WHERE contact_centre = :contact_centre AND owner = :user_id AND media_type = :media_type
    ) + (
        SELECT count(*) FROM invitations JOIN interactions ON interactions.id = invitations.interaction
        WHERE invitations.contact_centre = :contact_centre AND invitations.user_id = :user_id
            AND interactions.media_type = :media_type
    )

-- channel --
-- Params: contact_centre, user_id, channel. Rows: 0 or 1. Index: the primary key.
SELECT 1 FROM agent_channels
WHERE contact_centre = :contact_centre AND user_id = :user_id AND channel = :channel

-- user --
-- Params: contact_centre, user_id. Rows: 0 or 1. Index: the primary key.
SELECT 1 FROM users WHERE id = :user_id AND contact_centre = :contact_centre

-- thing --
-- Params: contact_centre, noun, id. Rows: 0 or 1. Index: the primary key.
SELECT image FROM directory WHERE contact_centre = :contact_centre AND noun = :noun AND id = :id

-- counter --
-- Params: contact_centre, user_id. Rows: 0 or 1. Index: the primary key.
SELECT number FROM counters WHERE contact_centre = :contact_centre AND user_id = :user_id

-- address --
-- Params: contact_centre, queue, address. Rows: 0 or 1. Index: the primary key.
SELECT 1 FROM mail_addresses WHERE address = :address AND contact_centre = :contact_centre AND queue = :queue
