"""The embedded engine: one SQLite file, one writer that groups commits, readers that never wait for it."""

from frontdesk.store.sqlite.engine import SqliteStore
from frontdesk.store.sqlite.limits import SqliteLimits
from frontdesk.store.sqlite.upgrade import migrate

__all__ = ["SqliteLimits", "SqliteStore", "migrate"]
