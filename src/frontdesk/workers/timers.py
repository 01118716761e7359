"""Fires deadlines. A deadline is a column of the thing that it ends; this worker only sleeps until the earliest.

Woken by a commit that sets an earlier one. Firing checks again in its own transaction, so late or doubled firings do
nothing. After a start, or a pause of the process, overdue offers get a little time for their agents to come back.
"""

import asyncio
from collections.abc import Sequence

from frontdesk.core.events import Committed, InteractionChanged
from frontdesk.kit.clock import Clock
from frontdesk.services.offers import Offers

#: For clients to return after a start or a pause.
_GRACE_MS = 5_000
#: Waking so much too late means that the process stood still.
_PAUSE_MS = 2_000


class Timers:
    """Ends offers and rounds of refusal when their time has come."""

    def __init__(self, offers: Offers, clock: Clock) -> None:
        self._offers = offers
        self._clock = clock
        self._not_before_ms = clock.now_ms() + _GRACE_MS
        self._earliest_ms: int | None = None
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()

    def hear(self, batch: Sequence[Committed]) -> None:
        """A consumer of the bus."""
        for committed in batch:
            event = committed.event
            if isinstance(event, InteractionChanged) and event.after.deadline_ms is not None:
                self._notice(event.after.deadline_ms)

    def _notice(self, deadline_ms: int) -> None:
        if self._earliest_ms is None or deadline_ms < self._earliest_ms:
            self._earliest_ms = deadline_ms
            self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        await self._look()
        while True:
            self._woken.clear()
            if self._earliest_ms is None:
                self._idle.set()
                await self._woken.wait()
                self._idle.clear()
                continue
            due_ms = max(self._earliest_ms, self._not_before_ms)
            if await self._slept_until(due_ms):
                await self._fire(due_ms)

    async def settled(self) -> None:
        """Return when every deadline that has come is fired."""
        await self._idle.wait()

    async def _slept_until(self, due_ms: int) -> bool:
        """False when woken before by an earlier deadline."""
        if due_ms <= self._clock.now_ms():
            return True
        self._idle.set()
        sleep = asyncio.ensure_future(self._clock.sleep_until(due_ms))
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait({sleep, woken}, return_when=asyncio.FIRST_COMPLETED)
            self._idle.clear()
            return sleep.done() and self._clock.now_ms() >= due_ms
        finally:
            sleep.cancel()
            woken.cancel()

    async def _fire(self, due_ms: int) -> None:
        late_ms = self._clock.now_ms() - due_ms
        if late_ms > _PAUSE_MS:
            self._not_before_ms = self._clock.now_ms() + _GRACE_MS
            return
        for contact_centre, interaction_id in await self._offers.due():
            await self._offers.deadline_passed(contact_centre, interaction_id)
        await self._look()

    async def _look(self) -> None:
        # A deadline that is noticed while the store is read must not be forgotten.
        self._earliest_ms = None
        found_ms = await self._offers.next_deadline()
        if found_ms is not None:
            self._notice(found_ms)
