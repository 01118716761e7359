"""Taking back offers that nobody answered, and ending the rounds in which who refused is left alone."""

from frontdesk.core import interactions
from frontdesk.core.ids import ContactCentreId, InteractionId
from frontdesk.core.lifecycle import State
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.ports import Store, Transaction
from frontdesk.services import journal
from frontdesk.services.policies import Policies
from frontdesk.services.presence import Presence


class Offers:
    """The deadlines of interactions, for the timers."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        presence: Presence,
        policies: Policies,
        settings: Settings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence
        self._policies = policies
        self._settings = settings

    async def deadline_passed(self, contact_centre: ContactCentreId, thing: InteractionId) -> None:
        """An offer expires, or those who refused may be asked again. A late or doubled call does nothing."""
        now_ms = self._clock.now_ms()

        async def body(tx: Transaction) -> None:
            before = await tx.interactions.find(thing)
            if before is None or before.deadline_ms is None or before.deadline_ms > now_ms:
                return
            if before.state is not State.INVITED:
                await journal.record(tx, interactions.new_round(before), at_ms=now_ms)
                return
            round_ends_at_ms = now_ms + self._settings.routing.refused_pause_s * 1000
            await journal.record(tx, interactions.expire(before, round_ends_at_ms=round_ends_at_ms), at_ms=now_ms)
            limit = (await self._policies.in_force(tx)).missed_offers
            for user_id in before.invitees:
                await self._presence.offer_missed(tx, user_id, before.media_type, limit=limit, at_ms=now_ms)

        await self._store.transact(contact_centre, body)

    async def due(self, limit: int = 100) -> list[tuple[ContactCentreId, InteractionId]]:
        """Interactions whose deadline has passed, the longest overdue first."""
        now_ms = self._clock.now_ms()
        return await self._store.read_server(lambda tx: tx.due(now_ms, limit))

    async def next_deadline(self) -> int | None:
        """The earliest, in any contact centre."""
        return await self._store.read_server(lambda tx: tx.next_deadline())
