"""Wakes the router: whenever something was committed that may change what it decides, or a timer of its policy comes.

Consumes committed events. What it keeps, the contact centres to look at, is a cache; at the start all are looked at.
"""

import asyncio
from collections.abc import Sequence

from frontdesk.core.errors import StoreUnavailable
from frontdesk.core.events import Committed
from frontdesk.core.ids import ContactCentreId
from frontdesk.kit.clock import Clock
from frontdesk.kit.log import get_logger
from frontdesk.services.routing import Routing

log = get_logger(__name__)


class Matcher:
    """Turns what happened into questions to the router."""

    def __init__(self, routing: Routing, clock: Clock) -> None:
        self._routing = routing
        self._clock = clock
        self._centres: dict[ContactCentreId, None] = {}  # an ordered set: every contact centre that was looked at
        self._dirty: dict[ContactCentreId, None] = {}  # those to look at now; what was woken first comes first
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()

    def hear(self, batch: Sequence[Committed]) -> None:
        """A consumer of the bus."""
        woken = self._routing.hear(batch)
        if woken:
            self._dirty.update(dict.fromkeys(sorted(woken)))
            self._idle.clear()
            self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        self._dirty.update(dict.fromkeys(await self._routing.contact_centres()))
        while True:
            while self._dirty:
                await self._turn()
            self._idle.set()
            await self._woken_or_due()

    async def settled(self) -> None:
        """Return when nothing is left to look at."""
        await self._idle.wait()

    async def _turn(self) -> None:
        contact_centre = next(iter(self._dirty))
        del self._dirty[contact_centre]
        self._centres[contact_centre] = None
        try:
            more = await self._routing.turn(contact_centre)
        except (StoreUnavailable, asyncio.CancelledError):
            self._dirty[contact_centre] = None  # looked at again when the worker is started again
            raise
        except Exception:  # a bug that one contact centre shows must not keep the others from their work
            log.exception("routing failed", contact_centre=contact_centre)
            self._routing.forget(contact_centre)
            return
        if more:
            self._dirty[contact_centre] = None

    async def _woken_or_due(self) -> None:
        """Wait for an event or the earliest timer, and have those whose timer has come looked at."""
        self._woken.clear()
        timers = {centre: self._routing.next_timer_ms(centre) for centre in self._centres}
        earliest_ms = min((at_ms for at_ms in timers.values() if at_ms is not None), default=None)
        if earliest_ms is None:
            await self._woken.wait()
            return
        sleep = asyncio.ensure_future(self._clock.sleep_until(earliest_ms))
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait({sleep, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            woken.cancel()
        now_ms = self._clock.now_ms()
        for centre, at_ms in timers.items():
            if at_ms is not None and at_ms <= now_ms:
                self._idle.clear()
                self._dirty[centre] = None
