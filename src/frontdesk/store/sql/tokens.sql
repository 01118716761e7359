-- Bearer tokens. Only a hash of the secret is here.

-- get --
-- Params: contact_centre, id. Rows: 0 or 1. Index: the primary key.
SELECT image FROM tokens WHERE id = :id AND contact_centre = :contact_centre

-- all --
-- Params: contact_centre. Rows: the contact centre's tokens. Index: tokens_by_contact_centre.
SELECT image FROM tokens WHERE contact_centre = :contact_centre

-- of_user --
-- Params: contact_centre, user_id. Rows: the user's tokens. Index: tokens_by_contact_centre.
SELECT image FROM tokens WHERE contact_centre = :contact_centre AND user_id = :user_id

-- add --
-- Params: contact_centre, id, secret_hash, user_id, image. Rows: 1 touched.
INSERT INTO tokens (id, contact_centre, secret_hash, user_id, image)
VALUES (:id, :contact_centre, :secret_hash, :user_id, :image)

-- remove --
-- Params: contact_centre, id. Rows: 0 or 1 touched. Index: the primary key.
DELETE FROM tokens WHERE id = :id AND contact_centre = :contact_centre
