-- The first schema. One file for every engine as far as SQL reaches; times are ms since the Unix epoch.
-- A row of a thing is its JSON image plus the columns that indexes need.

CREATE TABLE contact_centres (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    contact_centre TEXT NOT NULL REFERENCES contact_centres (id),
    user_name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    image TEXT NOT NULL
);
CREATE INDEX users_by_contact_centre ON users (contact_centre, user_name);

-- Queues, groups, skills and workbins: things with an id and a name of their own.
CREATE TABLE directory (
    contact_centre TEXT NOT NULL REFERENCES contact_centres (id),
    noun TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    image TEXT NOT NULL,
    PRIMARY KEY (contact_centre, noun, id),
    UNIQUE (contact_centre, noun, name)
);

-- Who serves a queue: a user id or a group id. Kept beside the queue's image for the router.
CREATE TABLE queue_servers (
    contact_centre TEXT NOT NULL,
    queue TEXT NOT NULL,
    server TEXT NOT NULL,
    PRIMARY KEY (contact_centre, queue, server)
);
CREATE INDEX queue_servers_by_server ON queue_servers (contact_centre, server, queue);

CREATE TABLE group_members (
    contact_centre TEXT NOT NULL,
    group_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (contact_centre, group_id, user_id)
);
CREATE INDEX group_members_by_user ON group_members (contact_centre, user_id, group_id);

CREATE TABLE mail_addresses (
    address TEXT NOT NULL PRIMARY KEY,
    contact_centre TEXT NOT NULL,
    queue TEXT NOT NULL
);

CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    contact_centre TEXT NOT NULL REFERENCES contact_centres (id),
    secret_hash TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    image TEXT NOT NULL
);
CREATE INDEX tokens_by_contact_centre ON tokens (contact_centre, user_id);

CREATE TABLE http_sessions (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    contact_centre TEXT NOT NULL,
    user_id TEXT NOT NULL,
    csrf_token TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL
);
CREATE INDEX http_sessions_by_use ON http_sessions (last_used_ms);
CREATE INDEX http_sessions_by_birth ON http_sessions (created_at_ms);
CREATE INDEX http_sessions_by_user ON http_sessions (user_id);

CREATE TABLE agents (
    contact_centre TEXT NOT NULL,
    user_id TEXT NOT NULL,
    is_in_session INTEGER NOT NULL,
    started_at_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (contact_centre, user_id)
);
CREATE INDEX agents_by_silence ON agents (last_seen_ms) WHERE is_in_session = 1;

CREATE TABLE agent_channels (
    contact_centre TEXT NOT NULL,
    user_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    do_not_disturb INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    idle_since_ms INTEGER NOT NULL,
    load INTEGER NOT NULL CHECK (load >= 0),
    room INTEGER NOT NULL,
    PRIMARY KEY (contact_centre, user_id, channel)
);
CREATE INDEX agent_channels_by_idleness ON agent_channels (contact_centre, channel, idle_since_ms, user_id)
    WHERE state = 'Ready' AND do_not_disturb = 0 AND load < room;

CREATE TABLE interactions (
    id TEXT NOT NULL PRIMARY KEY,
    contact_centre TEXT NOT NULL REFERENCES contact_centres (id),
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    is_live INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    queue TEXT NOT NULL,
    priority INTEGER NOT NULL,
    queued_at_ms INTEGER NOT NULL,
    owner TEXT,
    workbin TEXT,
    workbin_owner TEXT,
    deadline_ms INTEGER,
    external_id TEXT,
    image TEXT NOT NULL
);
-- `is_live` is also in the indexes that count: without it SQLite would look at every row to be sure.
CREATE INDEX interactions_live ON interactions (contact_centre, is_live, id) WHERE is_live = 1;
CREATE INDEX interactions_by_owner ON interactions (contact_centre, owner, id) WHERE owner IS NOT NULL;
CREATE INDEX interactions_waiting ON interactions (contact_centre, queue, media_type, priority DESC, queued_at_ms, id)
    WHERE state = 'Queued';
CREATE INDEX interactions_by_queue ON interactions (contact_centre, queue, is_live) WHERE is_live = 1;
CREATE INDEX interactions_in_workbin ON interactions (contact_centre, workbin, workbin_owner, id)
    WHERE workbin IS NOT NULL;
CREATE INDEX interactions_by_deadline ON interactions (deadline_ms, id) WHERE deadline_ms IS NOT NULL;
CREATE UNIQUE INDEX interactions_by_external_id ON interactions (contact_centre, media_type, external_id)
    WHERE external_id IS NOT NULL;

-- One row for everybody an interaction is offered to.
CREATE TABLE invitations (
    contact_centre TEXT NOT NULL,
    user_id TEXT NOT NULL,
    interaction TEXT NOT NULL,
    PRIMARY KEY (contact_centre, user_id, interaction)
);

-- The history, and the outbox: nothing in it is ever changed or marked. Without AUTOINCREMENT, which would write one
-- more row per event: no number comes twice as long as the newest event is never removed.
CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY,
    contact_centre TEXT NOT NULL,
    interaction TEXT,
    at_ms INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX events_by_interaction ON events (contact_centre, interaction, seq) WHERE interaction IS NOT NULL;

-- Who hears an event, and which number it has in that user's own sequence: +1 each, without gaps.
CREATE TABLE hearings (
    contact_centre TEXT NOT NULL,
    user_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES events (seq),
    PRIMARY KEY (contact_centre, user_id, number)
) WITHOUT ROWID;

CREATE TABLE counters (
    contact_centre TEXT NOT NULL,
    user_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    reference INTEGER NOT NULL,
    PRIMARY KEY (contact_centre, user_id)
) WITHOUT ROWID;

-- First answers of requests with an Idempotency-Key.
CREATE TABLE answers (
    contact_centre TEXT NOT NULL,
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (contact_centre, user_id, key)
) WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (at_ms);

CREATE TABLE workbin_subscriptions (
    contact_centre TEXT NOT NULL,
    workbin TEXT NOT NULL,
    owner TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (contact_centre, workbin, owner, user_id)
) WITHOUT ROWID;
CREATE INDEX workbin_subscriptions_by_user ON workbin_subscriptions (contact_centre, user_id);

-- What an e-mail says, beside its interaction; `raw` is the message as it came, NULL for drafts.
CREATE TABLE emails (
    interaction TEXT NOT NULL PRIMARY KEY REFERENCES interactions (id),
    contact_centre TEXT NOT NULL,
    image TEXT NOT NULL,
    digest TEXT,
    raw BLOB
);
CREATE UNIQUE INDEX emails_by_digest ON emails (contact_centre, digest) WHERE digest IS NOT NULL;
