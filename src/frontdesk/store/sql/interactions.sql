-- Interactions: the image, and beside it the columns that an index needs.
-- `media_type` and `external_id` never change after birth, so no update names them and their index stays untouched.

-- get --
-- One, locked until the transaction ends (an engine with row locks locks it here).
-- Params: contact_centre, id. Rows: 0 or 1. Index: the primary key.
SELECT image FROM interactions WHERE id = :id AND contact_centre = :contact_centre

-- find --
-- One as it is now, not locked.
-- Params: contact_centre, id. Rows: 0 or 1. Index: the primary key.
SELECT image FROM interactions WHERE id = :id AND contact_centre = :contact_centre

-- add --
-- A new one. Touches nothing when the external id (or the id) is taken.
-- Params: all columns. Rows: 0 or 1 touched.
INSERT INTO interactions (
    id, contact_centre, version, state, is_live, media_type, queue, priority, queued_at_ms,
    owner, workbin, workbin_owner, deadline_ms, external_id, image
) VALUES (
    :id, :contact_centre, :version, :state, :is_live, :media_type, :queue, :priority, :queued_at_ms,
    :owner, :workbin, :workbin_owner, :deadline_ms, :external_id, :image
)
ON CONFLICT DO NOTHING

-- save --
-- The next version of one, unless somebody else wrote it since it was read.
-- Params: contact_centre, id, before_version, version, image and the index columns. Rows: 0 or 1 touched.
-- Index: the primary key.
UPDATE interactions SET
    version = :version, state = :state, is_live = :is_live, queue = :queue, priority = :priority,
    queued_at_ms = :queued_at_ms, owner = :owner, workbin = :workbin, workbin_owner = :workbin_owner,
    deadline_ms = :deadline_ms, image = :image
WHERE id = :id AND contact_centre = :contact_centre AND version = :before_version

-- save_hands --
-- The next version of one that is in other hands, offered or taken, but no other queue, workbin or end.
-- Params: contact_centre, id, before_version, version, image, state, owner, deadline_ms. Rows: 0 or 1 touched.
-- Index: the primary key.
UPDATE interactions SET
    version = :version, state = :state, owner = :owner, deadline_ms = :deadline_ms, image = :image
WHERE id = :id AND contact_centre = :contact_centre AND version = :before_version

-- save_content --
-- The next version of one that stays where it is: no index has to be touched.
-- Params: contact_centre, id, before_version, version, image. Rows: 0 or 1 touched. Index: the primary key.
UPDATE interactions SET version = :version, image = :image
WHERE id = :id AND contact_centre = :contact_centre AND version = :before_version

-- invite --
-- Remember that it is offered to a user.
-- Params: contact_centre, user_id, interaction. Rows: 1 touched.
INSERT INTO invitations (contact_centre, user_id, interaction) VALUES (:contact_centre, :user_id, :interaction)

-- disinvite --
-- The offer to a user is over.
-- Params: contact_centre, user_id, interaction. Rows: 1 touched. Index: the primary key.
DELETE FROM invitations
WHERE contact_centre = :contact_centre AND user_id = :user_id AND interaction = :interaction

-- by_external_id --
-- The one that the outside knows by a name of its own.
-- Params: contact_centre, media_type, external_id. Rows: 0 or 1. Index: interactions_by_external_id.
SELECT id FROM interactions
WHERE contact_centre = :contact_centre AND media_type = :media_type AND external_id = :external_id

-- held_by --
-- What a user owns or is invited to, oldest first: ids sort by time.
-- Params: contact_centre, user_id. Rows: as many as the user holds.
-- Index: interactions_by_owner, invitations' primary key.
SELECT id, image FROM interactions WHERE contact_centre = :contact_centre AND owner = :user_id
UNION ALL
SELECT interactions.id, interactions.image
FROM invitations JOIN interactions ON interactions.id = invitations.interaction
WHERE invitations.contact_centre = :contact_centre AND invitations.user_id = :user_id
ORDER BY id

-- live --
-- A page of those not final, by id.
-- Params: contact_centre, limit, offset. Rows: at most limit. Index: interactions_live.
SELECT image FROM interactions WHERE contact_centre = :contact_centre AND is_live = 1
ORDER BY id LIMIT :limit OFFSET :offset

-- count_live --
-- Params: contact_centre. Rows: 1. Index: interactions_live, without its table.
SELECT count(*) FROM interactions WHERE contact_centre = :contact_centre AND is_live = 1

-- in_workbin --
-- A page of what is parked in one owner's bin, by id.
-- Params: contact_centre, workbin, owner, limit, offset. Rows: at most limit. Index: interactions_in_workbin.
SELECT image FROM interactions
WHERE contact_centre = :contact_centre AND workbin = :workbin AND workbin_owner = :owner
ORDER BY id LIMIT :limit OFFSET :offset

-- count_in_workbin --
-- Params: contact_centre, workbin, owner. Rows: 1. Index: interactions_in_workbin, without its table.
SELECT count(*) FROM interactions
WHERE contact_centre = :contact_centre AND workbin = :workbin AND workbin_owner = :owner

-- uses_of_queue --
-- How many live ones call it their home.
-- Params: contact_centre, queue. Rows: 1. Index: interactions_by_queue, without its table.
SELECT count(*) FROM interactions WHERE contact_centre = :contact_centre AND queue = :queue AND is_live = 1

-- uses_of_workbin --
-- How many are parked in it, whosever part it is.
-- Params: contact_centre, workbin. Rows: 1. Index: interactions_in_workbin, without its table.
SELECT count(*) FROM interactions WHERE contact_centre = :contact_centre AND workbin = :workbin
