-- The router has its own indices in memory, so nobody asks the store any more who serves a queue, who is idle and what
-- waits: two tables that repeated the directory, and two indexes that every offer and every answer had to touch.
DROP TABLE queue_servers;
DROP TABLE group_members;
DROP INDEX agent_channels_by_idleness;
DROP INDEX interactions_waiting;
