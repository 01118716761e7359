"""Wakes the router: whenever something came to wait or somebody became free, and only then.

Consumes committed events. What it keeps, the queues to look at, is a cache; at the start it is filled from the store.
"""

import asyncio
from collections.abc import Sequence

from frontdesk.core.agents import READY
from frontdesk.core.events import AgentChanged, Committed, DirectoryChanged, InteractionChanged
from frontdesk.core.ids import ContactCentreId, QueueId, UserId
from frontdesk.core.lifecycle import State
from frontdesk.services.offers import Offers

_Queue = tuple[ContactCentreId, QueueId, str]
_Free = tuple[ContactCentreId, UserId, str]

#: Changes of these may give a queue another agent.
_SERVING = frozenset({"queue", "group"})


class Matcher:
    """Turns what happened into questions to the router."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        # Dictionaries as ordered sets: what was woken first is looked at first.
        self._queues: dict[_Queue, None] = {}
        self._free: dict[_Free, None] = {}
        self._reorganised: set[ContactCentreId] = set()
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()

    def hear(self, batch: Sequence[Committed]) -> None:
        """A consumer of the bus."""
        for committed in batch:
            self._note(committed)
        if self._has_work:
            self._idle.clear()
            self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        for waiting in await self._offers.waiting_queues():
            self._queues[waiting] = None
        while True:
            while self._has_work:
                await self._turn()
            self._idle.set()
            self._woken.clear()
            await self._woken.wait()

    async def settled(self) -> None:
        """Return when nothing is left to look at."""
        await self._idle.wait()

    @property
    def _has_work(self) -> bool:
        return bool(self._queues or self._free or self._reorganised)

    def _note(self, committed: Committed) -> None:
        event, contact_centre = committed.event, committed.contact_centre
        if isinstance(event, InteractionChanged):
            after = event.after
            if after.state is State.QUEUED:
                self._queues[contact_centre, after.queue, after.media_type] = None
            for user_id in event.ended:
                self._free[contact_centre, user_id, after.media_type] = None
        elif isinstance(event, AgentChanged):
            for channel in event.channels:
                if channel.state == READY and not channel.do_not_disturb:
                    self._free[contact_centre, event.agent, channel.channel] = None
        elif isinstance(event, DirectoryChanged) and event.noun in _SERVING:
            self._reorganised.add(contact_centre)

    async def _turn(self) -> None:
        if self._reorganised:
            reorganised, self._reorganised = self._reorganised, set()
            for waiting in await self._offers.waiting_queues():
                if waiting[0] in reorganised:
                    self._queues[waiting] = None
        free, self._free = self._free, {}
        for contact_centre, user_id, media_type in free:
            for queue in await self._offers.queues_of(contact_centre, user_id):
                self._queues[contact_centre, queue, media_type] = None
        if not self._queues:
            return
        waiting = next(iter(self._queues))
        del self._queues[waiting]
        try:
            more = await self._offers.match(*waiting)
        except BaseException:
            self._queues[waiting] = None  # looked at again when the worker is started again
            raise
        if more:
            self._queues[waiting] = None
