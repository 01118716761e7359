-- Who routes a contact centre: whoever took the lease last, known by the epoch that its taking gave.
CREATE TABLE routing_leases (
    contact_centre TEXT PRIMARY KEY REFERENCES contact_centres (id),
    epoch INTEGER NOT NULL,
    taken_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
