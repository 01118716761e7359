-- What routing rests on besides the directory.

-- A version is never changed: an offer names the one that made it.
CREATE TABLE policies (
    contact_centre TEXT NOT NULL REFERENCES contact_centres (id),
    version INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    actor TEXT,
    image TEXT NOT NULL,
    PRIMARY KEY (contact_centre, version)
) WITHOUT ROWID;

-- Who had an interaction of a contact last: asked first when the contact comes again.
CREATE TABLE contacts (
    contact_centre TEXT NOT NULL,
    contact TEXT NOT NULL,
    user_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (contact_centre, contact)
) WITHOUT ROWID;
