-- What e-mails say. `raw` comes last in its row, so that reading the image never reads megabytes.

-- add --
-- Touches nothing when a message with this digest is here already.
-- Params: contact_centre, interaction, image, digest, raw (the last two may be NULL). Rows: 0 or 1 touched.
INSERT INTO emails (interaction, contact_centre, image, digest, raw)
VALUES (:interaction, :contact_centre, :image, :digest, :raw)
ON CONFLICT DO NOTHING

-- find --
-- Params: contact_centre, interaction. Rows: 0 or 1. Index: the primary key.
SELECT image FROM emails WHERE interaction = :interaction AND contact_centre = :contact_centre

-- save --
-- Params: contact_centre, interaction, image. Rows: 0 or 1 touched. Index: the primary key.
UPDATE emails SET image = :image WHERE interaction = :interaction AND contact_centre = :contact_centre

-- raw --
-- Params: contact_centre, interaction. Rows: 0 or 1. Index: the primary key.
SELECT raw FROM emails WHERE interaction = :interaction AND contact_centre = :contact_centre

-- by_digest --
-- Params: contact_centre, digest. Rows: 0 or 1. Index: emails_by_digest.
SELECT interaction FROM emails WHERE contact_centre = :contact_centre AND digest = :digest
