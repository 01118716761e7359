-- What was taken from the settings when a session began said something else than the policy by which offers are made.
ALTER TABLE agent_channels DROP COLUMN room;
