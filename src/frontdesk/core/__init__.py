"""The decisions of a contact centre: frozen values and plain functions; no I/O, clock, chance, or `await`."""
