"""The one writer of a SQLite store: bodies gather, run one after the other in one transaction, and share its COMMIT.

What a caller may rely on:
- It is answered after the COMMIT of the batch its body ran in, a refusal too, for that may rest on a neighbour's write.
- A body that fails is undone alone. If SQLite undid the whole transaction, its caller gets `StoreUnavailable` and the
  others run again. If COMMIT fails, all of them get it.
- A caller cancelled before its body ran has done nothing; later its change stands.
- After a failed COMMIT that no constraint explains, the connection is not trusted any more: it is opened anew, and
  until a probe has been written durably nothing else is. (What fsync said once it may not say again.)

Bodies run on the event loop, in slices so that sockets are served between; the COMMIT waits for the disk in a thread.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from contextvars import Context, copy_context
from enum import Enum, auto
from math import ceil
from time import perf_counter
from typing import Any

from frontdesk.core.errors import StoreUnavailable
from frontdesk.kit.log import get_logger
from frontdesk.store.connection import Connection, HasOutbox
from frontdesk.store.sqlite.connection import SqliteConnection, drive, primary_code, reason, unavailable
from frontdesk.store.sqlite.limits import SqliteLimits
from frontdesk.store.statistics import StoreStatistics

log = get_logger(__name__)

Begin = Callable[[Connection], HasOutbox]
Body = Callable[[Any], Awaitable[Any]]

_FIRST_BUSY_PAUSE_S, _LONGEST_BUSY_PAUSE_S = 0.002, 0.1


class _State(Enum):
    IDLE = auto()  # no transaction is open
    FILLING = auto()  # bodies are run, or will be in a moment
    COMMITTING = auto()  # the thread has the connection


class _Member:
    """A body on its way: in the queue, then in a batch with what came of it."""

    __slots__ = ("begin", "body", "context", "future", "outbox", "refusal", "value")

    def __init__(self, begin: Begin, body: Body, future: asyncio.Future[Any]) -> None:
        self.begin = begin
        self.body = body
        self.future = future
        self.context = copy_context()
        self.outbox: list[Any] = []
        self.value: Any = None
        self.refusal: BaseException | None = None

    def answer(self) -> None:
        if self.future.done():
            return  # cancelled meanwhile; what it changed stands
        if self.refusal is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.refusal)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Writer:
    """Owns the writing connection and its thread."""

    def __init__(
        self,
        open_connection: Callable[[], sqlite3.Connection],
        *,
        file: str,
        limits: SqliteLimits,
        statistics: StoreStatistics,
        log_lock: asyncio.Lock,
        tell: Callable[[Sequence[Any]], None],
    ) -> None:
        """`log_lock` is held by whoever works on the write-ahead log as a whole; `tell` hears what was committed."""
        self._open_connection = open_connection
        self._file = file
        self._limits = limits
        self._statistics = statistics
        self._log_lock = log_lock
        self._tell = tell
        self._queue: deque[_Member] = deque()
        self._members: list[_Member] = []  # of the open batch
        self._state = _State.IDLE
        self._holds = 0
        self._idle_waiters: list[asyncio.Future[None]] = []
        self._is_closing = False
        self._busy_pauses_s = 0.0
        self._commit_began_s = 0.0
        self._outage: str | None = None
        self._recoveries = 0  # tried since the last COMMIT that succeeded
        self._recovery: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = Context()  # batches belong to no caller
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        try:
            self._raw = await self._loop.run_in_executor(self._thread, self._open_connection)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise

    async def close(self) -> None:
        """Take no more, commit what was taken, and let go of the file."""
        self._is_closing = True
        while self._queue or self._state is not _State.IDLE:
            if self._outage is not None:
                self._turn_away_waiting(self._outage)
            else:
                await self._next_idle()
        if self._recovery is not None:
            self._recovery.cancel()
            await asyncio.gather(self._recovery, return_exceptions=True)
        await self._loop.run_in_executor(self._thread, lambda: self._raw.close())  # the one that is there by then
        self._thread.shutdown()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def unready_because(self) -> str | None:
        """Why nothing can be written now, or None."""
        if self._outage is not None:
            return self._outage
        if self._state is _State.COMMITTING:
            waited_s = perf_counter() - self._commit_began_s
            if waited_s > self._limits.stalled_commit_s:
                return f"a commit to {self._file} has been waiting for the disk for {waited_s:.0f} s"
        return None

    async def submit(self, begin: Begin, body: Body) -> Any:
        """The value of `body` once it is durable."""
        if self._is_closing:
            self._statistics.turned_away += 1
            raise StoreUnavailable("the server is stopping")
        if self._outage is not None and self._recoveries:
            self._statistics.turned_away += 1
            raise StoreUnavailable(self._outage, retry_after_s=ceil(self._retry_s()))
        if len(self._queue) >= self._limits.waiting_bodies:
            self._statistics.turned_away += 1
            raise StoreUnavailable(f"{len(self._queue)} changes are waiting already")
        future = self._loop.create_future()
        self._queue.append(_Member(begin, body, future))
        if self._state is _State.IDLE:
            self._start_batch()
        try:
            return await future
        except GeneratorExit:  # asked for by a body, which may not suspend: it is being ended
            future.cancel()
            raise

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """While inside, no transaction is open and none begins; bodies gather."""
        self._holds += 1
        try:
            while self._state is not _State.IDLE:
                await self._next_idle()
            yield
        finally:
            self._holds -= 1
            self._start_batch()

    async def probe(self) -> bool:
        """After an outage, open the connection anew and write something durably; whether all is well."""
        async with self._log_lock:
            if self._outage is None:
                return True
            self._outage = await self._loop.run_in_executor(self._thread, self._reopen)
            self._recoveries += 1
        if self._outage is not None:
            self._turn_away_waiting(self._outage)
            return False
        log.info("store writes again", file=self._file)
        self._start_batch()
        return True

    # ── a batch ──────────────────────────────────────────────────────────────────────────────────

    def _start_batch(self) -> None:
        if self._queue and self._state is _State.IDLE and not self._holds and self._outage is None:
            self._state = _State.FILLING
            self._loop.call_soon(self._fill, context=self._context)

    def _fill(self) -> None:
        if not self._raw.in_transaction and not self._begin():
            return
        until = perf_counter() + self._limits.slice_s
        queue, room = self._queue, self._limits.batch_members
        while queue and len(self._members) < room:
            member = queue.popleft()
            if member.future.cancelled():
                continue  # and nothing has happened
            if not self._run(member):
                self._become_idle()
                return
            if perf_counter() >= until and queue and len(self._members) < room:
                self._loop.call_soon(self._fill, context=self._context)
                return
        self._state = _State.COMMITTING
        self._commit_began_s = perf_counter()
        self._thread.submit(self._commit, self._raw)

    def _begin(self) -> bool:
        try:
            self._raw.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY:
                self._begin_outage(error)
            elif self._busy_pauses_s < self._limits.busy_s:
                pause_s = min(max(_FIRST_BUSY_PAUSE_S, self._busy_pauses_s), _LONGEST_BUSY_PAUSE_S)
                self._busy_pauses_s += pause_s
                self._loop.call_later(pause_s, self._fill, context=self._context)
                return False
            else:
                self._turn_away_waiting(reason(error, self._file))
            self._busy_pauses_s = 0.0
            self._become_idle()
            return False
        self._busy_pauses_s = 0.0
        return True

    def _run(self, member: _Member) -> bool:
        """Run one body in a savepoint of its own. False if SQLite undid the whole transaction."""
        raw = self._raw
        connection = SqliteConnection(raw, self._file)
        try:
            raw.execute("SAVEPOINT member")
            try:
                tx = member.begin(connection)
                member.value = member.context.run(drive, connection, tx, member.body)
                member.outbox = tx.outbox
            except BaseException as error:
                # Whatever it is, it is its caller's. A future takes any exception but this one.
                member.refusal = (
                    RuntimeError("a body raised StopIteration") if isinstance(error, StopIteration) else error
                )
                raw.execute("ROLLBACK TO member")  # fails if SQLite has undone everything already
            raw.execute("RELEASE member")
        except sqlite3.Error as error:
            self._run_others_again()
            member.fail(unavailable(connection.failure or error, self._file))
            return False
        self._members.append(member)
        return True

    def _run_others_again(self) -> None:
        try:
            if self._raw.in_transaction:
                self._raw.execute("ROLLBACK")
        except sqlite3.Error as error:
            self._begin_outage(error)  # only closing the connection ends this transaction
        self._statistics.reruns += len(self._members)
        for member in self._members:
            member.value, member.refusal, member.outbox = None, None, []
        self._queue.extendleft(reversed(self._members))
        self._members = []

    def _commit(self, raw: sqlite3.Connection) -> None:
        """In the thread: wait for the disk, and for nothing else."""
        failure: BaseException | None = None
        try:
            raw.execute("COMMIT")
        except BaseException as error:
            failure = error
            with suppress(sqlite3.Error):
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
        with suppress(RuntimeError):  # the loop was closed under us: nobody is left to be told
            self._loop.call_soon_threadsafe(self._committed, failure, context=self._context)

    def _committed(self, failure: BaseException | None) -> None:
        members, self._members = self._members, []
        statistics = self._statistics
        statistics.commit_s += perf_counter() - self._commit_began_s
        if failure is not None:
            statistics.failed_commits += 1
            if primary_code(failure) != sqlite3.SQLITE_CONSTRAINT or self._raw.in_transaction:
                self._begin_outage(failure)
            self._become_idle()
            for member in members:
                member.fail(unavailable(failure, self._file))
            return
        self._recoveries = 0
        refusals = sum(member.refusal is not None for member in members)
        statistics.batches += 1
        statistics.last_batch_members = len(members)
        statistics.transactions += len(members) - refusals
        statistics.refusals += refusals
        if outbox := [item for member in members for item in member.outbox]:
            try:
                self._tell(outbox)
            except Exception:  # what is committed is committed, and its callers are answered
                log.exception("telling what was committed failed", items=len(outbox))
        self._become_idle()  # the disk has work again while answers go out
        for member in members:
            member.answer()

    def _become_idle(self) -> None:
        self._state = _State.IDLE
        self._start_batch()
        waiters, self._idle_waiters = self._idle_waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _next_idle(self) -> None:
        """Return when a batch has ended; the next may have begun already."""
        waiter = self._loop.create_future()
        self._idle_waiters.append(waiter)
        await waiter

    # ── an outage ────────────────────────────────────────────────────────────────────────────────

    def _begin_outage(self, error: BaseException) -> None:
        self._outage = reason(error, self._file)
        self._statistics.outages += 1
        log.error("store cannot write", file=self._file, error=str(error), reason=self._outage)
        if self._recovery is None or self._recovery.done():
            self._recovery = self._loop.create_task(self._recover(), name="store recovery")

    async def _recover(self) -> None:
        """Probe at once, then at growing intervals. Bodies wait for the first attempt and are turned away after it."""
        if self._recoveries and self._outage is not None:  # the last one was good for a probe and no more
            self._turn_away_waiting(self._outage)
            await asyncio.sleep(self._retry_s())
        while not await self.probe():  # noqa: ASYNC110 -- a disk sends no event when it works again
            await asyncio.sleep(self._retry_s())

    def _retry_s(self) -> float:
        doubled: float = self._limits.first_retry_s * 2 ** min(self._recoveries, 16)
        return min(doubled, self._limits.longest_retry_s)

    def _reopen(self) -> str | None:
        """In the thread. What is in the way, or None."""
        with suppress(sqlite3.Error):
            self._raw.close()
        try:
            self._raw = self._open_connection()
            with suppress(sqlite3.Error):
                # A full disk may be full of the log; emptied into the file it gives its room back.
                self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            (number,) = self._raw.execute("PRAGMA user_version").fetchone()
            self._raw.execute("BEGIN IMMEDIATE")
            self._raw.execute(f"PRAGMA user_version = {(number + 1) % 2**31:d}")
            self._raw.execute("COMMIT")
        except Exception as error:
            return reason(error, self._file)
        return None

    def _turn_away_waiting(self, why: str) -> None:
        waiting, self._queue = self._queue, deque()
        self._statistics.turned_away += len(waiting)
        for member in waiting:
            member.fail(StoreUnavailable(why, retry_after_s=ceil(self._retry_s())))
