-- Users. Their names are unique on the server.

-- get --
-- Params: contact_centre, id. Rows: 0 or 1. Index: the primary key.
SELECT image FROM users WHERE id = :id AND contact_centre = :contact_centre

-- named --
-- Params: contact_centre, user_name. Rows: 0 or 1. Index: the unique user name.
SELECT image FROM users WHERE user_name = :user_name AND contact_centre = :contact_centre

-- all --
-- Params: contact_centre. Rows: the contact centre's users, by name. Index: users_by_contact_centre.
SELECT image FROM users WHERE contact_centre = :contact_centre ORDER BY user_name

-- add --
-- Touches nothing when the name (or the id) is taken, wherever on the server.
-- Params: contact_centre, id, user_name, password_hash, version, image. Rows: 0 or 1 touched.
INSERT INTO users (id, contact_centre, user_name, password_hash, version, image)
VALUES (:id, :contact_centre, :user_name, :password_hash, :version, :image)
ON CONFLICT DO NOTHING

-- holder_of_name --
-- Whose name it is, in whatever contact centre.
-- Params: user_name. Rows: 0 or 1. Index: the unique user name.
SELECT id FROM users WHERE user_name = :user_name

-- save --
-- Params: contact_centre, id, user_name, version, image. Rows: 0 or 1 touched. Index: the primary key.
UPDATE users SET user_name = :user_name, version = :version, image = :image
WHERE id = :id AND contact_centre = :contact_centre

-- set_password_hash --
-- Params: contact_centre, id, password_hash. Rows: 0 or 1 touched. Index: the primary key.
UPDATE users SET password_hash = :password_hash WHERE id = :id AND contact_centre = :contact_centre

-- remove --
-- Params: contact_centre, id. Rows: 0 or 1 touched. Index: the primary key.
DELETE FROM users WHERE id = :id AND contact_centre = :contact_centre

-- remove_agent --
-- Params: contact_centre, id. Rows: 0 or 1 touched. Index: the primary key.
DELETE FROM agents WHERE user_id = :id AND contact_centre = :contact_centre

-- remove_channels --
-- Params: contact_centre, id. Rows: a handful touched. Index: the primary key.
DELETE FROM agent_channels WHERE user_id = :id AND contact_centre = :contact_centre

-- remove_tokens --
-- Params: contact_centre, id. Rows: the user's tokens touched. Index: tokens_by_contact_centre.
DELETE FROM tokens WHERE user_id = :id AND contact_centre = :contact_centre

-- remove_subscriptions --
-- Params: contact_centre, id. Rows: the user's subscriptions touched. Index: workbin_subscriptions_by_user.
DELETE FROM workbin_subscriptions WHERE user_id = :id AND contact_centre = :contact_centre
