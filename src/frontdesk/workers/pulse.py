"""How late the event loop comes to what is due: the one thing that makes everything slow at once.

Looked at a few times a second. A loop that stands still for long is told in the log, because whoever looks for the
cause of a slow minute finds there that it was the server itself, or the machine that gave it no time.
"""

import asyncio
from typing import Final

from frontdesk.kit.histogram import Histogram
from frontdesk.kit.log import get_logger

log = get_logger(__name__)

_EVERY_S: Final = 0.25
_STANDSTILL_S: Final = 1.0


class Pulse:
    """`lateness` counts every beat by how late it came."""

    def __init__(self, *, every_s: float = _EVERY_S, standstill_s: float = _STANDSTILL_S) -> None:
        self._every_s = every_s
        self._standstill_s = standstill_s
        self.lateness = Histogram()

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + self._every_s
            await asyncio.sleep(self._every_s)
            late_s = max(0.0, loop.time() - due_s)
            self.lateness.observe(round(late_s * 1000))
            if late_s >= self._standstill_s:
                log.warning("the event loop stood still", seconds=round(late_s, 1))
