"""Makes a store's file, or brings an older one to the newest schema."""

import os
import sqlite3
from functools import partial
from pathlib import Path

from frontdesk.store.migrations import Migrations
from frontdesk.store.ownership import STORE_FILE, Ownership
from frontdesk.store.sqlite.connection import translated
from frontdesk.store.sqlite.opening import open_for_writing


def migrate(directory: Path, migrations: Migrations | None = None) -> list[str]:
    """What `frontdesk migrate` does: own the directory and run what is missing. Raises StoreRefused."""
    with Ownership.take(directory):
        return bring_up_to_date(directory / STORE_FILE, migrations or Migrations())


def bring_up_to_date(path: Path, migrations: Migrations) -> list[str]:
    """The same for whoever owns the directory already."""
    is_new = not path.exists()
    try:
        if is_new:
            create_file(path)
        applied = migrations.apply(partial(open_for_writing, path, busy_s=5))
    except sqlite3.Error as error:
        raise translated(error, str(path)) from error
    if is_new:
        sync_directory(path.parent)
        sync_directory(path.parent.parent)  # which got a new directory perhaps
    return applied


def create_file(path: Path) -> None:
    """Make an empty file that only its owner can read; its log and index take the same permissions."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def sync_directory(directory: Path) -> None:
    """A file's name is durable only when its directory is."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
