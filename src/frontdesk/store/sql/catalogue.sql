-- Queues, groups, skills and workbins, told apart by `noun`, and the table that finds queues by mail address.

-- get --
-- Params: contact_centre, noun, id. Rows: 0 or 1. Index: the primary key.
SELECT image FROM directory WHERE contact_centre = :contact_centre AND noun = :noun AND id = :id

-- named --
-- Params: contact_centre, noun, name. Rows: 0 or 1. Index: the unique name.
SELECT image FROM directory WHERE contact_centre = :contact_centre AND noun = :noun AND name = :name

-- all --
-- Params: contact_centre, noun. Rows: all of the noun, by name. Index: the unique name.
SELECT image FROM directory WHERE contact_centre = :contact_centre AND noun = :noun ORDER BY name

-- add --
-- Touches nothing when the name (or the id) is taken.
-- Params: contact_centre, noun, id, name, version, image. Rows: 0 or 1 touched.
INSERT INTO directory (contact_centre, noun, id, name, version, image)
VALUES (:contact_centre, :noun, :id, :name, :version, :image)
ON CONFLICT DO NOTHING

-- save --
-- Params: contact_centre, noun, id, name, version, image. Rows: 1 touched. Index: the primary key.
UPDATE directory SET name = :name, version = :version, image = :image
WHERE contact_centre = :contact_centre AND noun = :noun AND id = :id

-- remove --
-- Params: contact_centre, noun, id. Rows: 0 or 1 touched. Index: the primary key.
DELETE FROM directory WHERE contact_centre = :contact_centre AND noun = :noun AND id = :id

-- add_address --
-- Touches nothing when the address is taken, wherever on the server.
-- Params: contact_centre, queue, address. Rows: 0 or 1 touched.
INSERT INTO mail_addresses (address, contact_centre, queue) VALUES (:address, :contact_centre, :queue)
ON CONFLICT DO NOTHING

-- remove_address --
-- Params: contact_centre, queue, address. Rows: 1 touched. Index: the primary key.
DELETE FROM mail_addresses WHERE address = :address AND contact_centre = :contact_centre AND queue = :queue
