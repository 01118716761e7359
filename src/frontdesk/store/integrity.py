"""Whether a store's file is whole: its pages, its indexes, its references. What the rows mean is checked elsewhere."""

import sqlite3
from pathlib import Path

from frontdesk.store.faults import StoreCorrupt
from frontdesk.store.sqlite.opening import open_for_reading

_MOST_FINDINGS = 100


def integrity(store: Path) -> list[str]:
    """What is wrong with the file, in words; empty if nothing is. The server may be running."""
    try:
        raw = open_for_reading(store, busy_s=5)
    except StoreCorrupt as error:
        return [str(error)]
    try:
        raw.execute("BEGIN")
        damage = [str(text) for (text,) in raw.execute(f"PRAGMA integrity_check({_MOST_FINDINGS})") if text != "ok"]
        orphans = [
            f"table {table}, row {row}: refers to a row of {parent} that is not there"
            for table, row, parent, _ in raw.execute("PRAGMA foreign_key_check").fetchmany(_MOST_FINDINGS)
        ]
    except sqlite3.DatabaseError as error:
        return [f"{store} cannot be read: {error}"]
    finally:
        raw.close()
    return damage + orphans
