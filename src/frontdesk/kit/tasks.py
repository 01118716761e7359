"""Background tasks with an owner: started together, watched, and ended in the reverse order.

A task that dies takes nobody with it: it is logged and started again after a pause that grows, because a server that
goes on serving without, say, its retention worker is better than none, and health says so for as long as it lasts: one
that has run for a while since is well again, and its next pause is the shortest.
"""

import asyncio
from collections.abc import Awaitable, Callable

from frontdesk.kit.log import get_logger

log = get_logger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 30.0
WELL_AFTER_S = 5.0


class Tasks:
    """The long-lived tasks of one server. `failing` has the last reason of each that is not well."""

    def __init__(self, *, first_pause_s: float = FIRST_PAUSE_S, well_after_s: float = WELL_AFTER_S) -> None:
        self._first_pause_s = first_pause_s
        self._well_after_s = well_after_s
        self._tasks: list[asyncio.Task[None]] = []
        self._pauses_s: dict[str, float] = {}
        self.failing: dict[str, str] = {}

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run `run` until `stop`; start it again when it fails."""
        self._tasks.append(asyncio.create_task(self._kept_running(name, run), name=name))

    async def stop(self) -> None:
        """Cancel all, last started first, and wait until they are gone."""
        for task in reversed(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _kept_running(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        while True:
            well = asyncio.get_running_loop().call_later(self._well_after_s, self._is_well, name)
            try:
                await run()
            except Exception as error:
                pause_s = self._pauses_s.get(name, self._first_pause_s)
                self._pauses_s[name] = min(pause_s * 2, LONGEST_PAUSE_S)
                self.failing[name] = str(error) or repr(error)
                log.exception("task failed", task=name, again_in_s=pause_s)
            else:
                self._is_well(name)
                return
            finally:
                well.cancel()
            await asyncio.sleep(pause_s)

    def _is_well(self, name: str) -> None:
        if self.failing.pop(name, None) is not None:
            log.info("task runs again", task=name)
        self._pauses_s.pop(name, None)
