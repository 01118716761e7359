"""Opens connections to the store's file, each with the settings of its task."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from frontdesk.core.errors import StoreUnavailable
from frontdesk.store.faults import StoreRefused
from frontdesk.store.sqlite.connection import translated

Factory = type[sqlite3.Connection]  # a test gives one that fails on command

OLDEST_SQLITE = (3, 37, 0)  # RETURNING and STRICT

_FOR_ALL = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 0",  # a COMMIT never waits for a checkpoint
)
_FOR_WRITING = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # on macOS fsync alone does not reach the disk
    "PRAGMA checkpoint_fullfsync = ON",
)


def open_for_writing(
    path: Path, *, cache_kib: int = 2048, log_bytes: int = -1, busy_s: float = 0, factory: Factory = sqlite3.Connection
) -> sqlite3.Connection:
    """A connection that writes durably. `path` must exist; an empty file is fine.

    It waits for no lock by default: it is used on the event loop, which tries again later instead.
    """

    if path.exists() and not os.access(path, os.W_OK):  # SQLite would open it for reading and say so at the first write
        raise StoreUnavailable(f"{path} cannot be written to; check its owner, its permissions and its disk")

    def settle(raw: sqlite3.Connection) -> None:
        (mode,) = raw.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreRefused(f"{path} cannot have a write-ahead log here; the data must be on a local disk.")
        for setting in _FOR_WRITING:
            raw.execute(setting)
        raw.execute(f"PRAGMA cache_size = -{cache_kib:d}")
        raw.execute(f"PRAGMA journal_size_limit = {log_bytes:d}")

    return _opened(path, "rw", busy_s, factory, settle)


def open_for_reading(
    path: Path, *, busy_s: float, cache_kib: int = 2048, factory: Factory = sqlite3.Connection
) -> sqlite3.Connection:
    """A connection that cannot write, whatever is asked of it. For other processes than the owner too."""

    def settle(raw: sqlite3.Connection) -> None:
        raw.execute("PRAGMA query_only = ON")
        raw.execute(f"PRAGMA cache_size = -{cache_kib:d}")

    return _opened(path, "ro", busy_s, factory, settle)


def _opened(
    path: Path,
    mode: Literal["ro", "rw"],
    busy_s: float,
    factory: Factory,
    settle: Callable[[sqlite3.Connection], None],
) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise StoreRefused(f"This Python has SQLite {sqlite3.sqlite_version}; Frontdesk needs {wanted} or newer.")
    try:
        raw = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=busy_s,
            isolation_level=None,  # we say BEGIN ourselves
            check_same_thread=False,  # handed from thread to thread, never used by two at once
            cached_statements=512,
            factory=factory,
        )
        try:
            for setting in _FOR_ALL:
                raw.execute(setting)
            settle(raw)
            raw.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # a cheap look at header and schema
        except BaseException:
            raw.close()
            raise
    except sqlite3.Error as error:
        raise translated(error, str(path)) from error
    return raw
