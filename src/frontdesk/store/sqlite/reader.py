"""Reads that never wait for the writer: point reads on the event loop, lists and reports in threads.

Each runs in one read transaction, so that a body sees one moment of the store: the last COMMIT before it began.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from time import monotonic
from typing import TypeVar

from frontdesk.core.errors import StoreUnavailable
from frontdesk.store.connection import Connection
from frontdesk.store.faults import ReportTooSlow
from frontdesk.store.sqlite.connection import SqliteConnection, drive, primary_code, translated
from frontdesk.store.sqlite.limits import SqliteLimits
from frontdesk.store.statistics import StoreStatistics

Tx = TypeVar("Tx")
T = TypeVar("T")

# Instructions of SQLite's machine between two looks at the clock: under a millisecond.
_STEPS_BETWEEN_LOOKS = 5_000


def read_once(
    raw: sqlite3.Connection, file: str, begin: Callable[[Connection], Tx], body: Callable[[Tx], Awaitable[T]]
) -> T:
    """Run `body` to its end in a read transaction of its own."""
    connection = SqliteConnection(raw, file, reads_only=True)
    try:
        raw.execute("BEGIN")
        try:
            return drive(connection, begin(connection), body)
        finally:
            if raw.in_transaction:
                raw.execute("COMMIT")
    except sqlite3.Error as error:  # of BEGIN or COMMIT; those of statements are translated where they happen
        ours = translated(error, file)
        raise ours from (None if ours is error else error)


class Reports:
    """The threads for lists and reports. Each has a read-only connection, opened when it is first needed."""

    def __init__(
        self,
        open_connection: Callable[[], sqlite3.Connection],
        *,
        file: str,
        limits: SqliteLimits,
        statistics: StoreStatistics,
    ) -> None:
        self._open_connection = open_connection
        self._file = file
        self._limits = limits
        self._statistics = statistics
        self._is_closing = False
        self._waiting = 0  # those running too
        self._running = 0
        self._may_begin = asyncio.Event()
        self._may_begin.set()
        self._none_runs = asyncio.Event()
        self._none_runs.set()
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(limits.report_threads, thread_name_prefix="store-report")

    async def run(self, begin: Callable[[Connection], Tx], body: Callable[[Tx], Awaitable[T]], *, limit_s: float) -> T:
        """The value of `body`. The time in the queue counts. Raises ReportTooSlow."""
        if self._waiting >= self._limits.waiting_reports:
            self._statistics.turned_away += 1
            raise StoreUnavailable(f"{self._waiting} reports are waiting already")
        report = _Report(limit_s)
        self._statistics.reports += 1
        self._waiting += 1
        try:
            await self._may_begin.wait()
            if self._is_closing:
                raise self._ended(report)
            return await self._in_turn(report, begin, body)
        except ReportTooSlow:
            self._statistics.reports_out_of_time += 1
            raise
        finally:
            self._waiting -= 1

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """While inside, no report runs and none begins; they gather."""
        self._may_begin.clear()
        try:
            await self._none_runs.wait()
            yield
        finally:
            self._may_begin.set()

    async def close(self) -> None:
        """End the reports that still run, and their callers' hopes."""
        self._is_closing = True
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        for raw in self._opened:
            raw.close()

    async def _in_turn(
        self, report: "_Report", begin: Callable[[Connection], Tx], body: Callable[[Tx], Awaitable[T]]
    ) -> T:
        context = copy_context()
        self._running += 1
        self._none_runs.clear()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: context.run(self._in_thread, report, begin, body)
            )
        finally:
            report.is_abandoned = True  # it is over, or its caller was cancelled
            self._running -= 1
            if not self._running:
                self._none_runs.set()

    def _in_thread(self, report: "_Report", begin: Callable[[Connection], Tx], body: Callable[[Tx], Awaitable[T]]) -> T:
        def must_end() -> bool:
            return report.is_over() or self._is_closing

        if must_end():
            raise self._ended(report)
        raw = self._connection()
        raw.set_progress_handler(must_end, _STEPS_BETWEEN_LOOKS)
        try:
            return read_once(raw, self._file, begin, body)
        except StoreUnavailable as error:
            if primary_code(error.__cause__ or error) == sqlite3.SQLITE_INTERRUPT:
                raise self._ended(report) from None
            raise
        finally:
            raw.set_progress_handler(None, 0)

    def _ended(self, report: "_Report") -> StoreUnavailable:
        return StoreUnavailable("the server is stopping") if self._is_closing else ReportTooSlow(report.limit_s)

    def _connection(self) -> sqlite3.Connection:
        raw: sqlite3.Connection | None = getattr(self._local, "raw", None)
        if raw is None:
            raw = self._local.raw = self._open_connection()
            self._opened.append(raw)
        return raw


class _Report:
    """How long one report may go on."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.is_abandoned = False
        self._until_s = monotonic() + limit_s

    def is_over(self) -> bool:
        return self.is_abandoned or monotonic() > self._until_s
