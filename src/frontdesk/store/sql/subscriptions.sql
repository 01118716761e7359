-- Who wants to hear what comes into and leaves which owner's part of which workbin.

-- subscribers --
-- Params: contact_centre, workbin, owner. Rows: user ids, in order. Index: the primary key.
SELECT user_id FROM workbin_subscriptions
WHERE contact_centre = :contact_centre AND workbin = :workbin AND owner = :owner
ORDER BY user_id

-- add --
-- Once is enough.
-- Params: contact_centre, workbin, owner, user_id. Rows: 0 or 1 touched.
INSERT INTO workbin_subscriptions (contact_centre, workbin, owner, user_id)
VALUES (:contact_centre, :workbin, :owner, :user_id)
ON CONFLICT DO NOTHING

-- remove --
-- Params: contact_centre, workbin, owner, user_id. Rows: 0 or 1 touched. Index: workbin_subscriptions_by_user.
DELETE FROM workbin_subscriptions
WHERE contact_centre = :contact_centre AND workbin = :workbin AND owner = :owner AND user_id = :user_id

-- remove_all_of --
-- Params: contact_centre, user_id. Rows: the user's touched. Index: workbin_subscriptions_by_user.
DELETE FROM workbin_subscriptions WHERE contact_centre = :contact_centre AND user_id = :user_id
