"""Checks a store against its own laws, row by row: `frontdesk verify`.

Nothing is changed and nobody is stopped: the check reads one moment of the file, beside a running server if there is
one. What it finds are values with a plain sentence each; it finds all there is, not only the first.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from frontdesk.store import statements
from frontdesk.store.connection import NO_PARAMS, Row
from frontdesk.store.faults import StoreCorrupt, StoreRefused
from frontdesk.store.findings import Finding, Law, Source
from frontdesk.store.integrity import integrity
from frontdesk.store.laws import agents, directory, events, interactions
from frontdesk.store.migrations import Migrations
from frontdesk.store.ownership import STORE_FILE
from frontdesk.store.sqlite.opening import open_for_reading
from frontdesk.store.statements import Statement

SQL: Final = statements.load("verify")

#: (rows done, rows in all)
Progress = Callable[[int, int], None]

LAWS: Final[tuple[Callable[[Source], Iterator[Finding]], ...]] = (
    interactions.interactions,
    interactions.invitations,
    agents.channels,
    events.events,
    events.hearings,
    directory.directory,
    directory.links,
    directory.users,
    directory.tokens,
    directory.emails,
)

_ROWS_BETWEEN_TELLING: Final = 200


def verify(data: Path, *, progress: Progress | None = None) -> Iterator[Finding]:
    """Everything that is wrong with the store in the directory `data`.

    Errors: StoreRefused when there is no store, or one of another schema version.
    """
    store = data / STORE_FILE
    if not store.is_file():
        raise StoreRefused(f"There is no store at {store}; name its directory with --data.")
    yield from (Finding(Law.FILE, store.name, sentence) for sentence in integrity(store))
    try:
        raw = open_for_reading(store, busy_s=5)
    except StoreCorrupt:
        return  # told already
    with closing(raw):
        raw.execute("BEGIN")
        _check_version(raw)
        source = SqliteSource(raw, progress or (lambda _done, _total: None))
        for law in LAWS:
            try:
                yield from law(source)
            except sqlite3.DatabaseError as error:
                yield Finding(Law.FILE, store.name, f"not all {law.__name__} can be read: {error}.")


class SqliteSource:
    """One moment of a file; `raw` is within a read transaction."""

    def __init__(self, raw: sqlite3.Connection, progress: Progress) -> None:
        self._raw = raw
        self._progress = progress
        self._done = 0
        self._total = 0
        with suppress(sqlite3.DatabaseError):  # a law that needs the damaged table will tell
            (self._total,) = raw.execute(SQL.size.text).fetchone()

    def walk(self, sql: Statement) -> Iterator[Row]:
        for row in self._raw.execute(sql.text):
            if self._done % _ROWS_BETWEEN_TELLING == 0:
                self._progress(self._done, self._total)
            self._done += 1
            yield row
        self._progress(self._done, self._total)

    def rows(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> Iterator[Row]:
        yield from self._raw.execute(sql.text, params)

    def one(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> Row | None:
        row: Row | None = self._raw.execute(sql.text, params).fetchone()
        return row


def _check_version(raw: sqlite3.Connection) -> None:
    migrations = Migrations()
    stored = migrations.stored(raw)
    if stored != migrations.newest:
        raise StoreRefused(
            f"The store has schema version {stored or 'none'}, and this Frontdesk checks version {migrations.newest}: "
            "run `frontdesk migrate` first."
        )
