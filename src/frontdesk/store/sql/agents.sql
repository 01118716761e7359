-- Agents at work: the session, and one row for every channel that was ever used.

-- session --
-- Locked until the transaction ends.
-- Params: contact_centre, user_id. Rows: 0 or 1. Index: the primary key.
SELECT is_in_session, started_at_ms, last_seen_ms, place FROM agents
WHERE contact_centre = :contact_centre AND user_id = :user_id

-- channels --
-- Params: contact_centre, user_id. Rows: a handful, by name. Index: the primary key.
SELECT channel, state, do_not_disturb, since_ms, idle_since_ms, load, cost, missed, deadline_ms, detail
FROM agent_channels
WHERE contact_centre = :contact_centre AND user_id = :user_id
ORDER BY channel

-- all_sessions --
-- Params: contact_centre. Rows: everybody of the contact centre who ever worked, by id. Index: the primary key.
SELECT user_id, is_in_session, started_at_ms, last_seen_ms, place FROM agents
WHERE contact_centre = :contact_centre
ORDER BY user_id

-- all_channels --
-- Params: contact_centre. Rows: every channel of the contact centre, by user and name. Index: the primary key.
SELECT user_id, channel, state, do_not_disturb, since_ms, idle_since_ms, load, cost, missed, deadline_ms, detail
FROM agent_channels
WHERE contact_centre = :contact_centre
ORDER BY user_id, channel

-- save_session --
-- Params: contact_centre, user_id and the columns. Rows: 1 touched. Index: the primary key.
INSERT INTO agents (contact_centre, user_id, is_in_session, started_at_ms, last_seen_ms, place)
VALUES (:contact_centre, :user_id, :is_in_session, :started_at_ms, :last_seen_ms, :place)
ON CONFLICT (contact_centre, user_id) DO UPDATE SET
    is_in_session = excluded.is_in_session, started_at_ms = excluded.started_at_ms,
    last_seen_ms = excluded.last_seen_ms, place = excluded.place

-- save_channel --
-- All but load and cost, which follow the interactions. The idle time that a load began meanwhile is the newer one.
-- Params: contact_centre, user_id and the columns. Rows: 1 touched. Index: the primary key.
INSERT INTO agent_channels (
    contact_centre, user_id, channel, state, do_not_disturb, since_ms, idle_since_ms, load, missed,
    deadline_ms, agent_state, detail
) VALUES (
    :contact_centre, :user_id, :channel, :state, :do_not_disturb, :since_ms, :idle_since_ms, 0, :missed,
    :deadline_ms, :agent_state, :detail
)
ON CONFLICT (contact_centre, user_id, channel) DO UPDATE SET
    state = excluded.state, do_not_disturb = excluded.do_not_disturb, since_ms = excluded.since_ms,
    missed = excluded.missed, deadline_ms = excluded.deadline_ms,
    agent_state = excluded.agent_state, detail = excluded.detail, idle_since_ms = CASE
        WHEN excluded.idle_since_ms > agent_channels.idle_since_ms THEN excluded.idle_since_ms
        ELSE agent_channels.idle_since_ms
    END

-- raise_load --
-- Also for a channel that the agent never logged in on, which is then logged out. Without a cost the row's stays.
-- Params: contact_centre, user_id, channel, by, at_ms, cost. Rows: 1 touched. Index: the primary key.
INSERT INTO agent_channels (
    contact_centre, user_id, channel, state, do_not_disturb, since_ms, idle_since_ms, load, cost
) VALUES (:contact_centre, :user_id, :channel, 'Offline', 0, 0, :at_ms, :by, coalesce(:cost, 1))
ON CONFLICT (contact_centre, user_id, channel) DO UPDATE SET
    load = agent_channels.load + excluded.load, idle_since_ms = excluded.idle_since_ms,
    cost = coalesce(:cost, agent_channels.cost)

-- lower_load --
-- A load below zero breaks the table's CHECK. (An upsert would break it with every negative row it proposes.)
-- Params: contact_centre, user_id, channel, by, at_ms. Rows: 1 touched, 0 is a bug. Index: the primary key.
UPDATE agent_channels SET load = load + :by, idle_since_ms = :at_ms
WHERE contact_centre = :contact_centre AND user_id = :user_id AND channel = :channel

-- reserve --
-- One more for an agent who is ready and has room: on the medium, and in units over all media. Looked at and taken in
-- one statement, so nobody comes in between. (The sum is over other rows: an engine where several write at once has to
-- hold the agent's row first, and share the lease's.) Nothing for whoever does not route any more.
-- Params: contact_centre, user_id, channel, cost, most, units, epoch, at_ms. Rows: 1 touched, or 0 if there is no room.
-- Index: the primary keys of both tables.
UPDATE agent_channels SET load = load + 1, cost = :cost, idle_since_ms = :at_ms
WHERE contact_centre = :contact_centre AND user_id = :user_id AND channel = :channel
    AND state = 'Ready' AND do_not_disturb = 0 AND load < :most
    AND (load + 1) * :cost + (
        SELECT coalesce(sum(others.load * others.cost), 0) FROM agent_channels AS others
        WHERE others.contact_centre = :contact_centre AND others.user_id = :user_id AND others.channel <> :channel
    ) <= :units
    AND EXISTS (SELECT 1 FROM routing_leases WHERE contact_centre = :contact_centre AND epoch = :epoch)

-- costs_in_hand --
-- What an agent has in hand of other media, and what one of each takes by the last count.
-- Params: contact_centre, user_id, channel. Rows: a handful. Index: the primary key.
SELECT channel, cost FROM agent_channels
WHERE contact_centre = :contact_centre AND user_id = :user_id AND channel <> :channel AND load > 0

-- revalue --
-- Params: contact_centre, user_id, channel, cost. Rows: 1 touched. Index: the primary key.
UPDATE agent_channels SET cost = :cost
WHERE contact_centre = :contact_centre AND user_id = :user_id AND channel = :channel

-- answered --
-- An offer was answered: nothing is missed any more.
-- Params: contact_centre, user_id, channel. Rows: 0 or 1 touched. Index: the primary key.
UPDATE agent_channels SET missed = 0
WHERE contact_centre = :contact_centre AND user_id = :user_id AND channel = :channel AND missed > 0

-- uses_of_state --
-- How many channels are in a state that an administrator added.
-- Params: contact_centre, agent_state. Rows: 1. Index: agent_channels_by_agent_state.
SELECT count(*) FROM agent_channels WHERE contact_centre = :contact_centre AND agent_state = :agent_state

-- touch --
-- A sign of life never goes back in time.
-- Params: contact_centre, user_id, at_ms. Rows: 0 or 1 touched. Index: the primary key.
UPDATE agents SET last_seen_ms = :at_ms
WHERE contact_centre = :contact_centre AND user_id = :user_id AND last_seen_ms < :at_ms
