-- Agents: states that an administrator added, offers missed in a row, the end of a wrap-up, and what one interaction
-- takes of the agent's units. `state` stays the constant that a state counts as, so the index of free agents stays true.

-- Units that each of the load takes; the agent's units are the sum over the channels.
ALTER TABLE agent_channels ADD COLUMN cost INTEGER NOT NULL DEFAULT 1 CHECK (cost >= 0);
ALTER TABLE agent_channels ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
-- When the wrap-up ends.
ALTER TABLE agent_channels ADD COLUMN deadline_ms INTEGER;
-- The added state that is taken, NULL for a constant: so that a state in use can be told.
ALTER TABLE agent_channels ADD COLUMN agent_state TEXT;
-- What the state says besides, and what the channel goes back to after the wrap-up; NULL where there is nothing to say.
ALTER TABLE agent_channels ADD COLUMN detail TEXT;

CREATE INDEX agent_channels_by_deadline ON agent_channels (deadline_ms, user_id, channel)
    WHERE deadline_ms IS NOT NULL;
CREATE INDEX agent_channels_by_agent_state ON agent_channels (contact_centre, agent_state)
    WHERE agent_state IS NOT NULL;
