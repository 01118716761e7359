"""Background tasks with an owner: started together, watched, and ended in the reverse order.

A task that dies takes nobody with it: it is logged and started again after a pause that grows, because a server that
goes on serving without, say, its retention worker is better than none, and health says so.
"""

import asyncio
from collections.abc import Awaitable, Callable

from frontdesk.kit.log import get_logger

log = get_logger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 30.0


class Tasks:
    """The long-lived tasks of one server."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
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
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await run()
            except Exception as error:
                self.failing[name] = str(error)
                log.exception("task failed", task=name, again_in_s=pause_s)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            else:
                self.failing.pop(name, None)
                return
