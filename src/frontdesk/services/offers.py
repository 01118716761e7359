"""Bringing waiting interactions and free agents together, and taking back offers that nobody answered.

An offer is made in a transaction that looks again at both sides, so whatever the caller believed may be stale. What
decides is `core.routing`; when it is asked is the workers' business.
"""

from frontdesk.core import interactions, routing
from frontdesk.core.ids import ContactCentreId, InteractionId, QueueId, UserId
from frontdesk.core.lifecycle import State
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.ports import Store, Transaction
from frontdesk.services.journal import Journal

#: Offers made in one transaction; more follow in the next, so that nobody waits behind a long queue.
_OFFERS_AT_ONCE = 16
_LOOKED_AT = 200


class Offers:
    """Use-cases of routing, for the matcher and the timers."""

    def __init__(self, store: Store, clock: Clock, journal: Journal, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._journal = journal
        self._settings = settings

    async def match(self, contact_centre: ContactCentreId, queue: QueueId, media_type: str) -> bool:
        """Offer what waits in `queue` to who is free for it. True if there may be more to do at once."""

        async def could(tx: Transaction) -> bool:
            return bool(await tx.interactions.waiting(queue, media_type, 1)) and bool(
                await tx.agents.candidates(queue, media_type, 1, without=())
            )

        if not await self._store.read(contact_centre, could):
            return False
        deadline_ms = self._clock.now_ms() + self._settings.routing.offer_s * 1000

        async def body(tx: Transaction) -> bool:
            made = 0
            for waiting in await tx.interactions.waiting(queue, media_type, _LOOKED_AT):
                candidates = await tx.agents.candidates(queue, media_type, 1, without=waiting.refused_by)
                chosen = routing.choose(waiting, candidates)
                if chosen is None:
                    if not waiting.refused_by:
                        return False  # nobody is free for anything here
                    continue
                change = interactions.offer(waiting, (chosen,), deadline_ms=deadline_ms)
                await self._journal.record(tx, change, at_ms=self._clock.now_ms())
                made += 1
                if made == _OFFERS_AT_ONCE:
                    return True
            return False

        return await self._store.transact(contact_centre, body)

    async def queues_of(self, contact_centre: ContactCentreId, user_id: UserId) -> list[QueueId]:
        """The queues that an agent serves."""

        async def body(tx: Transaction) -> list[QueueId]:
            return await tx.agents.queues_served_by(user_id)

        return await self._store.read(contact_centre, body)

    async def deadline_passed(self, contact_centre: ContactCentreId, interaction_id: InteractionId) -> None:
        """An offer expires, or those who refused may be asked again. A late or doubled call does nothing."""
        now_ms = self._clock.now_ms()

        async def body(tx: Transaction) -> None:
            before = await tx.interactions.find(interaction_id)
            if before is None or before.deadline_ms is None or before.deadline_ms > now_ms:
                return
            if before.state is State.INVITED:
                round_ends_at_ms = now_ms + self._settings.routing.refused_pause_s * 1000
                change = interactions.expire(before, round_ends_at_ms=round_ends_at_ms)
            else:
                change = interactions.new_round(before)
            await self._journal.record(tx, change, at_ms=now_ms)

        await self._store.transact(contact_centre, body)

    async def due(self, limit: int = 100) -> list[tuple[ContactCentreId, InteractionId]]:
        """Interactions whose deadline has passed, the longest overdue first."""
        now_ms = self._clock.now_ms()
        return await self._store.read_server(lambda tx: tx.due(now_ms, limit))

    async def next_deadline(self) -> int | None:
        return await self._store.read_server(lambda tx: tx.next_deadline())

    async def waiting_queues(self) -> list[tuple[ContactCentreId, QueueId, str]]:
        """Wherever something waits: for the start, when nothing is known yet."""
        return await self._store.read_server(lambda tx: tx.waiting_queues())
