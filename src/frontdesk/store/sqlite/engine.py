"""The store on one SQLite file: opens it, and hands each body to the writer, the reader or a report thread.

The engine knows no nouns: it is given two functions that make a transaction from a connection, one for a contact
centre and one for the rows that belong to none. It owns the data directory, its connections and its threads.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypedDict, TypeVar

from frontdesk.core.errors import StoreUnavailable
from frontdesk.store.connection import Connection, HasOutbox
from frontdesk.store.migrations import Migrations
from frontdesk.store.ownership import STORE_FILE, Ownership
from frontdesk.store.sqlite.checkpoints import Checkpoints
from frontdesk.store.sqlite.limits import SqliteLimits
from frontdesk.store.sqlite.log_keeper import LogKeeper
from frontdesk.store.sqlite.opening import Factory, open_for_reading, open_for_writing
from frontdesk.store.sqlite.reader import Reports, read_once
from frontdesk.store.sqlite.upgrade import bring_up_to_date
from frontdesk.store.sqlite.writer import Writer
from frontdesk.store.statistics import StoreStatistics

Tx = TypeVar("Tx", bound=HasOutbox)
ServerTx = TypeVar("ServerTx", bound=HasOutbox)
T = TypeVar("T")

# The writer alone changes the file, so what it has in its cache stays true. The others' is emptied by every COMMIT.
_WRITER_CACHE_KIB, _READER_CACHE_KIB = 32 * 1024, 2 * 1024

_LOOP_BUSY_S, _THREAD_BUSY_S = 0.1, 5.0  # WAL readers wait for a lock only while a crashed log is recovered


class _Common(TypedDict):
    """What every part of the engine is told."""

    file: str
    limits: SqliteLimits
    statistics: StoreStatistics


class SqliteStore(Generic[Tx, ServerTx]):
    """Keeps the promises of `frontdesk.ports.Store`; how writes are grouped is told in `writer.py`."""

    def __init__(
        self,
        directory: Path,
        *,
        make_transaction: Callable[[Connection, Any], Tx],
        make_server_transaction: Callable[[Connection], ServerTx],
        migrations: Migrations | None = None,
        limits: SqliteLimits | None = None,
        connections: Factory = sqlite3.Connection,
    ) -> None:
        """`connections` is the class of the writing connection: the seam for faults of the disk."""
        self.directory = directory
        self.path = directory / STORE_FILE
        self.on_commit: Callable[[Sequence[Any]], None] = lambda _committed: None
        self._make_transaction = make_transaction
        self._make_server_transaction = make_server_transaction
        self._migrations = migrations or Migrations()
        self._limits = limits or SqliteLimits()
        self._connections = connections
        self._statistics = StoreStatistics()
        self._is_open = False

    async def open(self) -> None:
        """Own the directory, bring the file up to date and be ready. Raises StoreRefused, StoreUnavailable."""
        async with AsyncExitStack() as opened:
            opened.enter_context(Ownership.take(self.directory))
            await asyncio.to_thread(bring_up_to_date, self.path, self._migrations)
            # The last connection to close copies the log into the file and removes it: that is this one.
            copying = opened.enter_context(closing(open_for_writing(self.path)))
            open_reader = partial(open_for_reading, self.path, cache_kib=_READER_CACHE_KIB)
            self._reader = opened.enter_context(closing(open_reader(busy_s=_LOOP_BUSY_S)))
            common = _Common(file=self.path.name, limits=self._limits, statistics=self._statistics)
            log_lock = asyncio.Lock()
            self._reports = Reports(partial(open_reader, busy_s=_THREAD_BUSY_S), **common)
            opened.push_async_callback(self._reports.close)
            self._writer = Writer(self._open_writer, tell=self._tell, log_lock=log_lock, **common)
            await self._writer.open()
            opened.push_async_callback(self._writer.close)
            self._log_keeper = LogKeeper(Checkpoints(copying), self._writer, self._reports, log_lock=log_lock, **common)
            opened.push_async_callback(self._log_keeper.close)
            self._log_keeper.start()
            self._opened = opened.pop_all()
        self._is_open = True

    async def close(self) -> None:
        """Commit what was taken, copy the log into the file, let go of the directory. Does nothing if not open."""
        if self._is_open:
            self._is_open = False
            await self._opened.aclose()

    async def transact(self, contact_centre: str, body: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `body` in a transaction; its value once that is durable. A refusal undoes it."""
        self._must_be_open()
        make = self._make_transaction
        value: T = await self._writer.submit(lambda connection: make(connection, contact_centre), body)
        return value

    async def transact_server(self, body: Callable[[ServerTx], Awaitable[T]]) -> T:
        """The same for rows that belong to no contact centre."""
        self._must_be_open()
        value: T = await self._writer.submit(self._make_server_transaction, body)
        return value

    async def read(self, contact_centre: str, body: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `body`, which only reads a few rows, on one snapshot that holds every acknowledged write."""
        self._must_be_open()
        self._statistics.reads += 1
        make = self._make_transaction
        return read_once(self._reader, self.path.name, lambda connection: make(connection, contact_centre), body)

    async def read_server(self, body: Callable[[ServerTx], Awaitable[T]]) -> T:
        self._must_be_open()
        self._statistics.reads += 1
        return read_once(self._reader, self.path.name, self._make_server_transaction, body)

    async def report(self, contact_centre: str, body: Callable[[Tx], Awaitable[T]], *, limit_s: float) -> T:
        """Like `read`, in a thread. Raises ReportTooSlow after `limit_s`, the time in the queue included."""
        self._must_be_open()
        make = self._make_transaction
        return await self._reports.run(lambda connection: make(connection, contact_centre), body, limit_s=limit_s)

    @property
    def unready_because(self) -> str | None:
        """Why nothing can be written now, or None. Reads go on in any case."""
        return self._writer.unready_because if self._is_open else "the store is not open"

    @property
    def is_ready(self) -> bool:
        return self.unready_because is None

    async def probe(self) -> bool:
        """Try now, not at the next interval, whether the store can write again; whether it is ready."""
        return self._is_open and await self._writer.probe()

    @property
    def statistics(self) -> StoreStatistics:
        if self._is_open:
            self._statistics.waiting = self._writer.waiting
        return self._statistics

    async def checkpoint(self) -> None:
        """Copy the log into the file now; it happens by itself a few times a second."""
        self._must_be_open()
        await self._log_keeper.checkpoint()

    def _tell(self, committed: Sequence[Any]) -> None:
        self.on_commit(committed)

    def _open_writer(self) -> sqlite3.Connection:
        return open_for_writing(
            self.path, cache_kib=_WRITER_CACHE_KIB, log_bytes=self._limits.log_bytes, factory=self._connections
        )

    def _must_be_open(self) -> None:
        if not self._is_open:
            raise StoreUnavailable("it is not open")
