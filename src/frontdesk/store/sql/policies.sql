-- Routing policies, every version.

-- newest --
-- The policy in force.
-- Params: contact_centre. Rows: 0 or 1. Index: the primary key.
SELECT image FROM policies WHERE contact_centre = :contact_centre ORDER BY version DESC LIMIT 1

-- newest_version --
-- The number of the policy in force, without its document.
-- Params: contact_centre. Rows: 0 or 1. Index: the primary key.
SELECT version FROM policies WHERE contact_centre = :contact_centre ORDER BY version DESC LIMIT 1

-- version --
-- Params: contact_centre, version. Rows: 0 or 1. Index: the primary key.
SELECT version, at_ms, actor, image FROM policies WHERE contact_centre = :contact_centre AND version = :version

-- page --
-- Newest first.
-- Params: contact_centre, limit, offset. Rows: up to limit. Index: the primary key.
SELECT version, at_ms, actor, image FROM policies WHERE contact_centre = :contact_centre
ORDER BY version DESC LIMIT :limit OFFSET :offset

-- add --
-- Touches nothing when another administrator was faster.
-- Params: contact_centre, version, at_ms, actor, image. Rows: 0 or 1 touched.
INSERT INTO policies (contact_centre, version, at_ms, actor, image)
VALUES (:contact_centre, :version, :at_ms, :actor, :image)
ON CONFLICT DO NOTHING
