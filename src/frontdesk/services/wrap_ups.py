"""Ends the time to wrap up when it has passed."""

from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.kit.clock import Clock
from frontdesk.ports import Store, Transaction
from frontdesk.services.presence import Presence

#: A channel of an agent.
WrapUp = tuple[UserId, str]


class WrapUps:
    """The deadlines of agents' channels, for the timers."""

    def __init__(self, store: Store, clock: Clock, presence: Presence) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence

    async def due(self, limit: int = 100) -> list[tuple[ContactCentreId, WrapUp]]:
        """The channels where it has passed, the longest overdue first."""
        now_ms = self._clock.now_ms()
        found = await self._store.read_server(lambda tx: tx.due_wrap_ups(now_ms, limit))
        return [(contact_centre, (user_id, channel)) for contact_centre, user_id, channel in found]

    async def next_deadline(self) -> int | None:
        return await self._store.read_server(lambda tx: tx.next_wrap_up())

    async def deadline_passed(self, contact_centre: ContactCentreId, thing: WrapUp) -> None:
        """Back to what the channel was. A late or doubled call does nothing."""
        user_id, channel = thing
        at_ms = self._clock.now_ms()

        async def body(tx: Transaction) -> None:
            await self._presence.wrap_up_over(tx, user_id, channel, at_ms=at_ms)

        await self._store.transact(contact_centre, body)
