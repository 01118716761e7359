"""Keeps the write-ahead log short: when it is copied into the file, and who has to pause for that.

Mostly nobody. The log is copied beside the writer a few times a second. It can only be begun anew in a moment in which
all of it is copied, and callers who never stop writing leave no such moment: then the writer pauses for the little that
came last. Reports that overlap leave none either: then new ones wait until the running ones have ended.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from frontdesk.kit.log import get_logger
from frontdesk.store.sqlite.checkpoints import Checkpoints, Log
from frontdesk.store.sqlite.connection import reason
from frontdesk.store.sqlite.limits import SqliteLimits
from frontdesk.store.sqlite.reader import Reports
from frontdesk.store.sqlite.writer import Writer
from frontdesk.store.statistics import StoreStatistics

log = get_logger(__name__)

T = TypeVar("T")


class LogKeeper:
    """Owns the thread that copies, and the task that says when."""

    def __init__(
        self,
        checkpoints: Checkpoints,
        writer: Writer,
        reports: Reports,
        *,
        file: str,
        limits: SqliteLimits,
        statistics: StoreStatistics,
        log_lock: asyncio.Lock,
    ) -> None:
        self._checkpoints = checkpoints
        self._writer = writer
        self._reports = reports
        self._file = file
        self._limits = limits
        self._statistics = statistics
        self._log_lock = log_lock
        self._pause_above_bytes = limits.log_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-checkpoint")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="store checkpoints")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._thread.shutdown()

    async def checkpoint(self) -> None:
        """Copy what is not copied yet, as far as readers allow. Does nothing while the writer is out of order."""
        async with self._log_lock:
            if self._writer.unready_because is not None or not await self._in_thread(self._checkpoints.has_work):
                return
            if self._checkpoints.needs_held_writer():
                state = await self._copy_while_writer_pauses()
            else:
                state = await self._in_thread(self._checkpoints.beside_writer)
            if state.bytes > self._pause_above_bytes:
                state = await self._make_ready_to_begin_anew(state)
            self._statistics.checkpoints += 1
            self._statistics.log_bytes = state.bytes

    async def _make_ready_to_begin_anew(self, state: Log) -> Log:
        if state.bytes <= 2 * self._limits.log_bytes:
            state = await self._copy_while_writer_pauses()
        else:
            async with self._reports.held():
                state = await self._copy_while_writer_pauses()
        if state.is_copied:
            self._pause_above_bytes = self._limits.log_bytes
        else:
            # Who reads is another process, a backup perhaps. Pausing more often would not make it faster.
            self._pause_above_bytes = state.bytes + self._limits.log_bytes
            log.warning("a reader keeps the log long", file=self._file, log_bytes=state.bytes)
        return state

    async def _copy_while_writer_pauses(self) -> Log:
        async with self._writer.held():
            return await self._in_thread(self._checkpoints.with_held_writer)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._limits.checkpoint_every_s)
            try:
                await self.checkpoint()
            except Exception as error:  # the log only grows; writing goes on as long as the disk has room
                self._statistics.failed_checkpoints += 1
                log.warning("checkpoint failed", file=self._file, reason=reason(error, self._file))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        working = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.gather(working, return_exceptions=True)  # the writer must pause until it is done
            raise
