"""Use-cases: each method opens one transaction, asks the core, saves, and appends events."""
