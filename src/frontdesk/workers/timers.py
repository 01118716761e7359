"""Fires deadlines. A deadline is a column of the thing that it ends; this worker only sleeps until the earliest.

Woken by a commit that sets an earlier one. Firing checks again in its own transaction, so late or doubled firings do
nothing. After a start, or a pause of the process, overdue offers get a little time for their agents to come back.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar

from frontdesk.core.events import AgentChanged, Committed, Event, InteractionChanged
from frontdesk.core.ids import ContactCentreId
from frontdesk.kit.clock import Clock

#: For clients to return after a start or a pause.
_GRACE_MS = 5_000
#: Waking so much too late means that the process stood still.
_PAUSE_MS = 2_000


T = TypeVar("T")


class Deadlines(Protocol[T]):
    """One kind of thing that ends by itself, such as an offer or the time to wrap up."""

    async def next_deadline(self) -> int | None:
        """The earliest that has not been fired."""
        ...

    async def due(self) -> list[tuple[ContactCentreId, T]]:
        """Those whose deadline has passed, the longest overdue first; not all of them at once."""
        ...

    async def deadline_passed(self, contact_centre: ContactCentreId, thing: T) -> None:
        """Fire one. Too early, or once more, it does nothing."""
        ...


class Timers:
    """Ends whatever has a deadline when its time has come."""

    def __init__(self, kinds: Sequence[Deadlines[Any]], clock: Clock) -> None:
        self._kinds = tuple(kinds)
        self._clock = clock
        self._not_before_ms = clock.now_ms() + _GRACE_MS
        self._earliest_ms: int | None = None
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()

    def hear(self, batch: Sequence[Committed]) -> None:
        """A consumer of the bus."""
        for committed in batch:
            for deadline_ms in _deadlines_of(committed.event):
                self._notice(deadline_ms)

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
            awake_ms = self._clock.now_ms()
            due_ms = max(self._earliest_ms, self._not_before_ms)
            if await self._slept_until(due_ms) and not self._stood_still_since(max(due_ms, awake_ms)):
                await self._fire()

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

    def _stood_still_since(self, then_ms: int) -> bool:
        """True if so much time went by that the process stood still; then clients get a little to return."""
        now_ms = self._clock.now_ms()
        if now_ms - then_ms <= _PAUSE_MS:
            return False
        self._not_before_ms = now_ms + _GRACE_MS
        return True

    async def _fire(self) -> None:
        """Fire what is due: asked for in order and all at once, so that it is committed together.

        One that fails keeps no other from being fired; it is raised at the end, and tried again after a pause.
        """
        began_ms = self._clock.now_ms()
        failures: list[BaseException] = []
        for kind in self._kinds:
            firing = (kind.deadline_passed(contact_centre, thing) for contact_centre, thing in await kind.due())
            outcomes = await asyncio.gather(*firing, return_exceptions=True)
            failures += [outcome for outcome in outcomes if outcome is not None]
        self._stood_still_since(began_ms)
        if failures:
            raise failures[0]
        await self._look()

    async def _look(self) -> None:
        # A deadline that is noticed while the store is read must not be forgotten.
        self._earliest_ms = None
        for kind in self._kinds:
            found_ms = await kind.next_deadline()
            if found_ms is not None:
                self._notice(found_ms)


def _deadlines_of(event: Event) -> Iterator[int]:
    if isinstance(event, InteractionChanged):
        if event.after.deadline_ms is not None:
            yield event.after.deadline_ms
    elif isinstance(event, AgentChanged):
        for channel in event.channels:
            if channel.wrap_up_ends_ms is not None:
                yield channel.wrap_up_ends_ms
