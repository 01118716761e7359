"""Copies of a store while it is being written to, and the way back.

A backup is one moment of the store: it reads one snapshot, which the server goes on past. It comes into being under
another name, is checked and on disk before it gets its own, and so is never half a backup. It needs no ownership of
the data directory; a restore does.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from frontdesk.store.faults import StoreRefused
from frontdesk.store.integrity import integrity
from frontdesk.store.migrations import Migrations
from frontdesk.store.ownership import STORE_FILE, Ownership
from frontdesk.store.sqlite.connection import reason
from frontdesk.store.sqlite.opening import open_for_reading, open_for_writing
from frontdesk.store.sqlite.upgrade import create_file, sync_directory

_PAGES_AT_ONCE = 256

Progress = Callable[[int, int], None]


def backup(store: Path, target: Path, *, overwrite: bool = False, progress: Progress | None = None) -> None:
    """Copy the store to the file `target`. `progress` hears (pages done, pages in all). Raises StoreRefused."""
    if not store.is_file():
        raise StoreRefused(f"There is no store at {store}; name its directory with --data.")
    if target.exists() and not overwrite:
        raise StoreRefused(f"{target} exists already; name another file, or remove it first.")
    with _put_in_place(target) as partial:
        _copy(store, partial, progress)


def restore(
    file: Path, directory: Path, *, overwrite: bool = False, migrations: Migrations | None = None
) -> Path | None:
    """Make the backup `file` the store of `directory`; where the one that was there is kept, if one was.

    Raises StoreRefused if the backup is damaged or too new, if the directory is in use, or if it has a store and
    `overwrite` is not given. A backup from an older version is fine: the next start migrates it.
    """
    if not file.is_file():
        raise StoreRefused(f"There is no file {file}.")
    if damage := integrity(file):
        raise StoreRefused(f"{file} is damaged and was not restored: {damage[0]}")
    _check_version(file, migrations or Migrations())
    with Ownership.take(directory):
        store = directory / STORE_FILE
        if store.exists() and not overwrite:
            raise StoreRefused(
                f"{directory} has a store already; name another directory, or replace it with --overwrite."
            )
        with _put_in_place(store) as partial:
            _copy(file, partial, None)
            return _set_aside(store) if store.exists() else None


@contextmanager
def _put_in_place(target: Path) -> Iterator[Path]:
    """A file to be written, which becomes `target` in one step if it could be written whole."""
    partial = target.with_name(f".{target.name}.partial-{os.getpid()}")
    try:
        create_file(partial)
        yield partial
        os.replace(partial, target)
        sync_directory(target.parent)
    except sqlite3.Error as error:
        raise StoreRefused(f"Copying to {target} failed: {reason(error, str(target))}.") from error
    except OSError as error:
        raise StoreRefused(f"Copying to {target} failed: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _copy(source: Path, partial: Path, progress: Progress | None) -> None:
    """Copy one moment of `source` into an empty file, check it, and see it to the disk."""
    reader = open_for_reading(source, busy_s=5)
    writer = sqlite3.connect(partial, isolation_level=None)
    try:
        writer.execute("PRAGMA journal_mode = OFF")  # nobody reads it before it is whole
        writer.execute("PRAGMA synchronous = OFF")  # it is synced once, at the end
        # An open read transaction pins the snapshot. Without one, every COMMIT of the server would begin the copy anew.
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        reader.backup(
            writer,
            pages=_PAGES_AT_ONCE,
            progress=None if progress is None else lambda _status, left, pages: progress(pages - left, pages),
        )
        writer.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, without a log beside it
        (verdict,) = writer.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StoreRefused(f"{source} is damaged ({verdict}); see the extent with `frontdesk verify`.")
    finally:
        writer.close()
        reader.close()
    descriptor = os.open(partial, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_version(file: Path, migrations: Migrations) -> None:
    raw = open_for_reading(file, busy_s=5)
    try:
        if migrations.stored(raw) is None:
            raise StoreRefused(f"{file} is empty; it is not a backup of a store.")
    finally:
        raw.close()


def _set_aside(store: Path) -> Path | None:
    """Keep the present store, if there is one, under another name too. At every moment of this one is in its place."""
    log = store.with_name(f"{store.name}-wal")
    kept = next(path for n in count(1) if not (path := store.with_name(f"{store.name}.replaced-{n}")).exists())
    had_store = store.exists()
    if had_store:
        with suppress(Exception):  # a damaged one keeps its log beside it, and nothing is written to either
            open_for_reading(store, busy_s=5).close()
            raw = open_for_writing(store, busy_s=5)
            try:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                raw.close()
        try:
            os.link(store, kept)
        except OSError:  # a file system without hard links
            shutil.copy2(store, kept)
    if log.exists():
        log.rename(kept.with_name(f"{kept.name}-wal"))  # else it would be replayed into the restored store
    store.with_name(f"{store.name}-shm").unlink(missing_ok=True)
    return kept if had_store else None
