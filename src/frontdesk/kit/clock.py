"""Time as an argument: the system's clock, and one that tests turn by hand."""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count
from typing import Protocol


class Clock(Protocol):
    """Milliseconds since the Unix epoch, and a way to wait for a moment of it."""

    def now_ms(self) -> int: ...

    async def sleep_until(self, at_ms: int) -> None:
        """Return when the clock shows `at_ms`; a sleeper looks at the clock again, for timers may be a hair early."""
        ...


#: The machine's clock was set forward, or the machine slept: what is less is no more than how clocks are kept in step.
_JUMP_MS = 1000


class SystemClock:
    """The machine's clock. Follows it forward, and never runs backwards within a process, whatever it does."""

    def __init__(self, wall_s: Callable[[], float] = time.time, steady_s: Callable[[], float] = time.monotonic) -> None:
        self._wall_s = wall_s
        self._steady_s = steady_s
        self._offset_ms = wall_s() * 1000 - steady_s() * 1000

    def now_ms(self) -> int:
        now_ms = self._offset_ms + self._steady_s() * 1000
        ahead_ms = self._wall_s() * 1000 - now_ms
        if ahead_ms > _JUMP_MS:
            self._offset_ms += ahead_ms
            now_ms += ahead_ms
        return int(now_ms)

    async def sleep_until(self, at_ms: int) -> None:
        if (left_ms := at_ms - self.now_ms()) > 0:
            await asyncio.sleep(left_ms / 1000)


class ManualClock:
    """Stands still until `advance` is called; whoever sleeps until then is woken in order of time."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._now_ms = now_ms
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self.on_sleep: Callable[[int], None] = lambda _at_ms: None

    def now_ms(self) -> int:
        return self._now_ms

    async def sleep_until(self, at_ms: int) -> None:
        if at_ms <= self._now_ms:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleeper = (at_ms, next(self._order), woken)
        heapq.heappush(self._sleepers, sleeper)
        self.on_sleep(at_ms)
        try:
            await woken
        except asyncio.CancelledError:
            if sleeper in self._sleepers:  # who was woken in the same moment is out already
                self._sleepers.remove(sleeper)
                heapq.heapify(self._sleepers)
            raise

    def advance(self, *, seconds: float = 0, ms: int = 0) -> None:
        """Turn the clock on and wake whoever slept until a moment that has now come."""
        self._now_ms += int(seconds * 1000) + ms
        while self._sleepers and self._sleepers[0][0] <= self._now_ms:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
