"""The store on one SQLite file: opens it, and hands each body to the writer, the reader or a report thread.

The engine knows no nouns: it is given two functions that make a transaction from a connection, one for a contact
centre and one for the rows that belong to none. It owns the data directory, its connections and its threads.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from frontdesk.core.errors import StoreUnavailable
from frontdesk.kit.log import get_logger
from frontdesk.store.connection import Connection, HasOutbox
from frontdesk.store.migrations import Migrations
from frontdesk.store.ownership import STORE_FILE, Ownership
from frontdesk.store.sqlite.checkpoints import Checkpoints, Log
from frontdesk.store.sqlite.connection import reason
from frontdesk.store.sqlite.limits import SqliteLimits
from frontdesk.store.sqlite.opening import Factory, open_for_reading, open_for_writing
from frontdesk.store.sqlite.reader import Reports, read_once
from frontdesk.store.sqlite.upgrade import bring_up_to_date
from frontdesk.store.sqlite.writer import Writer
from frontdesk.store.statistics import StoreStatistics

log = get_logger(__name__)

Tx = TypeVar("Tx", bound=HasOutbox)
ServerTx = TypeVar("ServerTx", bound=HasOutbox)
T = TypeVar("T")

# The writer alone changes the file, so what it has in its cache stays true. The others' is emptied by every COMMIT.
_WRITER_CACHE_KIB, _READER_CACHE_KIB = 32 * 1024, 2 * 1024

_LOOP_BUSY_S, _THREAD_BUSY_S = 0.1, 5.0  # WAL readers wait for a lock only while a crashed log is recovered


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
        self._log_lock = asyncio.Lock()
        self._is_open = False

    async def open(self) -> None:
        """Own the directory, bring the file up to date and be ready. Raises StoreRefused, StoreUnavailable."""
        self._ownership = Ownership.take(self.directory)
        try:
            await asyncio.to_thread(bring_up_to_date, self.path, self._migrations)
            self._writer = Writer(
                self._open_writer,
                file=self.path.name,
                limits=self._limits,
                statistics=self._statistics,
                log_lock=self._log_lock,
                tell=lambda committed: self.on_commit(committed),
            )
            await self._writer.open()
            open_reader = partial(open_for_reading, self.path, cache_kib=_READER_CACHE_KIB)
            self._reader = open_reader(busy_s=_LOOP_BUSY_S)
            self._reports = Reports(
                partial(open_reader, busy_s=_THREAD_BUSY_S),
                file=self.path.name,
                limits=self._limits,
                statistics=self._statistics,
            )
            self._checkpoints = Checkpoints(open_for_writing(self.path))
        except BaseException:
            self._ownership.release()
            raise
        self._checkpoint_thread = ThreadPoolExecutor(1, thread_name_prefix="store-checkpoint")
        self._checkpointing = asyncio.create_task(self._keep_log_short(), name="store checkpoints")
        self._is_open = True

    async def close(self) -> None:
        """Commit what was taken, copy the log into the file, let go of the directory. Does nothing if not open."""
        if not self._is_open:
            return
        self._is_open = False
        self._checkpointing.cancel()
        await asyncio.gather(self._checkpointing, return_exceptions=True)
        await self._writer.close()
        await self._reports.close()
        self._reader.close()
        # The last connection to close copies the log and removes it.
        await asyncio.get_running_loop().run_in_executor(self._checkpoint_thread, self._checkpoints.close)
        self._checkpoint_thread.shutdown()
        self._ownership.release()

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
        """Copy the log into the file now, as far as readers allow."""
        async with self._log_lock:
            if not self.is_ready or not await self._in_checkpoint_thread(self._checkpoints.has_work):
                return
            if self._checkpoints.needs_held_writer():
                state = await self._copy_with_held_writer()
            else:
                state = await self._in_checkpoint_thread(self._checkpoints.beside_writer)
                if state.bytes > 2 * self._limits.log_bytes:
                    # Reports that overlap read from the log without end, so that it cannot be begun anew.
                    async with self._reports.held():
                        state = await self._copy_with_held_writer()
                elif state.bytes > self._limits.log_bytes:
                    # Most of it is copied; what came meanwhile is little, so that the pause is short.
                    state = await self._copy_with_held_writer()
            self._statistics.checkpoints += 1
            self._statistics.log_bytes = state.bytes

    async def _copy_with_held_writer(self) -> Log:
        async with self._writer.held():
            return await self._in_checkpoint_thread(self._checkpoints.with_held_writer)

    async def _keep_log_short(self) -> None:
        while True:
            await asyncio.sleep(self._limits.checkpoint_every_s)
            try:
                await self.checkpoint()
            except sqlite3.Error as error:  # the log only grows; writing goes on as long as the disk has room
                self._statistics.failed_checkpoints += 1
                log.warning("checkpoint failed", file=self.path.name, reason=reason(error, self.path.name))

    async def _in_checkpoint_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._checkpoint_thread, work)

    def _open_writer(self) -> sqlite3.Connection:
        return open_for_writing(
            self.path, cache_kib=_WRITER_CACHE_KIB, log_bytes=self._limits.log_bytes, factory=self._connections
        )

    def _must_be_open(self) -> None:
        if not self._is_open:
            raise StoreUnavailable("it is not open")
