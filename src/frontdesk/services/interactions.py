"""What is done with interactions that there are. Each act is one transaction: load, decide, record."""

from collections.abc import Awaitable, Callable

from frontdesk.core import interactions
from frontdesk.core.agents import Agent
from frontdesk.core.errors import ReceiverUnavailable
from frontdesk.core.events import Event
from frontdesk.core.ids import InteractionId, UserId
from frontdesk.core.interactions import Change, Interaction
from frontdesk.core.lifecycle import Trigger
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.settings import Settings
from frontdesk.core.user_data import UserData
from frontdesk.ports import Outcome, Page, Store, Transaction
from frontdesk.services import journal, references
from frontdesk.services.calls import Caller, perform
from frontdesk.services.policies import Policies
from frontdesk.services.presence import Presence

#: Where a disposition is written in the user data unless the request says otherwise.
DISPOSITION_KEY = "DISP_KEY"

Decision = Callable[[Transaction, Interaction, UserId], Awaitable[Change]]
#: What follows from a decision, in the same transaction.
Consequence = Callable[[Transaction, Change, UserId], Awaitable[None]]


class Interactions:
    """Use-cases of interactions."""

    def __init__(
        self,
        store: Store,
        presence: Presence,
        policies: Policies,
        settings: Settings,
    ) -> None:
        self._presence = presence
        self._policies = policies
        self._store = store
        self._settings = settings

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    async def held_by(self, who: Principal) -> tuple[list[Interaction], int]:
        """What the user works on or is offered, and the number of the last event that is in this answer."""

        async def body(tx: Transaction) -> tuple[list[Interaction], int]:
            return await tx.interactions.held_by(who.user_id), await tx.events.number_of(who.user_id)

        return await self._store.read(who.contact_centre, body)

    async def own_view(self, who: Principal) -> tuple[Agent, list[Interaction], int]:
        """All that `/me` shows of a user's work, of one moment: session, interactions, number of the last event."""

        async def body(tx: Transaction) -> tuple[Agent, list[Interaction], int]:
            return (
                await tx.agents.get(who.user_id),
                await tx.interactions.held_by(who.user_id),
                await tx.events.number_of(who.user_id),
            )

        return await self._store.read(who.contact_centre, body)

    async def get(self, who: Principal, interaction_id: InteractionId) -> tuple[Interaction, int]:
        """One, wherever it is, and the reader's event number."""

        async def body(tx: Transaction) -> tuple[Interaction, int]:
            return await tx.interactions.get(interaction_id), await tx.events.number_of(who.user_id)

        return await self._store.read(who.contact_centre, body)

    async def own(self, who: Principal, interaction_id: InteractionId) -> tuple[Interaction, int]:
        """One that the user holds or has parked. Others' are for supervisors and administrators only."""
        found, number = await self.get(who, interaction_id)
        references.require_own(found, who)
        return found, number

    async def live(self, who: Principal, page: Page) -> tuple[list[Interaction], int]:
        """All that are not finished, of the whole contact centre, and their number."""

        async def body(tx: Transaction) -> tuple[list[Interaction], int]:
            return await tx.interactions.live(page)

        return await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)

    async def history(
        self, who: Principal, interaction_id: InteractionId, page: Page
    ) -> tuple[list[tuple[int, Event]], int]:
        """(place in the log, event), oldest first, and how many there are."""

        async def body(tx: Transaction) -> tuple[list[tuple[int, Event]], int]:
            await tx.interactions.get(interaction_id)
            return await tx.events.of_interaction(interaction_id, page)

        return await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)

    # ── acts on one interaction ──────────────────────────────────────────────────────────────────

    async def accept(self, caller: Caller, interaction_id: InteractionId) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            return interactions.accept(before, agent)

        return await self._decide(caller, interaction_id, decide)

    async def reject(self, caller: Caller, interaction_id: InteractionId) -> Outcome:
        round_ends_at_ms = caller.at_ms + self._settings.routing.refused_pause_s * 1000

        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            return interactions.reject(before, agent, round_ends_at_ms=round_ends_at_ms)

        return await self._decide(caller, interaction_id, decide)

    async def complete(self, caller: Caller, interaction_id: InteractionId) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            return interactions.complete(before, agent)

        async def wrap_up(tx: Transaction, change: Change, agent: UserId) -> None:
            seconds = (await self._policies.of_queue(tx, change.after.queue)).wrap_up_s
            await self._presence.wrap_up(tx, agent, change.after.media_type, seconds, at_ms=caller.at_ms)

        return await self._decide(caller, interaction_id, decide, then=wrap_up)

    async def cancel(self, caller: Caller, interaction_id: InteractionId) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            return interactions.cancel(before, agent)

        return await self._decide(caller, interaction_id, decide)

    async def place_in_queue(self, caller: Caller, interaction_id: InteractionId, queue: str | None) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            found = await references.queue(tx, queue)
            return interactions.place_in_queue(before, agent, found.id, found.name, at_ms=caller.at_ms)

        return await self._decide(caller, interaction_id, decide)

    async def take_away(self, caller: Caller, interaction_id: InteractionId, queue: str | None) -> Outcome:
        """Take it from whoever works on it into a queue, its own one if none is given. The giver hears of it."""
        who = caller.principal
        who.require(Act.TAKE_AWAY)
        round_ends_at_ms = caller.at_ms + self._settings.routing.refused_pause_s * 1000

        async def body(tx: Transaction) -> Outcome:
            before = await tx.interactions.get(interaction_id)
            to = await tx.queues.get(before.queue) if queue is None else await references.queue(tx, queue)
            change = interactions.take_away(before, to.id, to.name, round_ends_at_ms=round_ends_at_ms)
            reference_id = await tx.events.next_reference(who.user_id)
            await journal.record(tx, change, at_ms=caller.at_ms, actor=who.user_id, reference_id=reference_id)
            return Outcome(id=interaction_id, reference_id=reference_id)

        return await perform(self._store, caller, body)

    async def transfer(self, caller: Caller, interaction_id: InteractionId, receiver: str) -> Outcome:
        """Hand it to an agent who is logged in on its medium, Ready or not. Otherwise the giver keeps it."""

        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            user = await references.user(tx, receiver)
            offer_s = (await self._policies.of_queue(tx, before.queue)).offer_s
            deadline_ms = caller.at_ms + offer_s * 1000
            change = interactions.transfer(before, agent, user.id, deadline_ms=deadline_ms)
            if not (await tx.agents.get(user.id)).is_logged_in_on(before.media_type):
                raise ReceiverUnavailable(user.user_name, before.media_type)
            return change

        return await self._decide(caller, interaction_id, decide)

    async def place_in_workbin(
        self, caller: Caller, interaction_id: InteractionId, workbin: object, agent_group: str | None = None
    ) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            found = await references.workbin(tx, workbin)
            references.require_fillable(found)
            owner = await references.content_owner(tx, found, caller.principal, agent_group=agent_group)
            return interactions.place_in_workbin(before, agent, found.id, owner)

        return await self._decide(caller, interaction_id, decide)

    async def attach_user_data(self, caller: Caller, interaction_id: InteractionId, data: UserData) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            return interactions.attach_user_data(before, agent, data, self._settings.user_data)

        return await self._decide(caller, interaction_id, decide)

    async def update_user_data(self, caller: Caller, interaction_id: InteractionId, data: UserData) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            return interactions.update_user_data(before, agent, data, self._settings.user_data)

        return await self._decide(caller, interaction_id, decide)

    async def delete_user_data(
        self, caller: Caller, interaction_id: InteractionId, data: UserData | tuple[str, ...]
    ) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            return interactions.delete_user_data(before, agent, data)

        return await self._decide(caller, interaction_id, decide)

    async def set_disposition(
        self, caller: Caller, interaction_id: InteractionId, disposition: str, key: str
    ) -> Outcome:
        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            return interactions.set_disposition(before, agent, disposition, key, self._settings.user_data)

        return await self._decide(caller, interaction_id, decide)

    async def update(
        self,
        caller: Caller,
        interaction_id: InteractionId,
        data: UserData,
        disposition: str | None,
        *,
        require: Callable[[Interaction], None],
    ) -> Outcome:
        """Overwrite user data, and the disposition if there is one.

        `require` refuses an interaction that is not what the caller believes; it is asked when it can change no more.
        """
        limits = self._settings.user_data

        async def decide(tx: Transaction, before: Interaction, agent: UserId) -> Change:
            if disposition is None:
                change = interactions.update_user_data(before, agent, data, limits)
            else:
                change = interactions.set_disposition(before, agent, disposition, DISPOSITION_KEY, limits, data=data)
            require(before)
            return change

        return await self._decide(caller, interaction_id, decide)

    async def set_in_focus(self, caller: Caller, interaction_id: InteractionId) -> Outcome:
        """The agent looks at it now: accepted from its owner, changes nothing and tells nobody."""
        caller.principal.require(Act.WORK)

        async def body(tx: Transaction) -> Outcome:
            before = await tx.interactions.get(interaction_id)
            interactions.require_step(before, caller.principal.user_id, Trigger.SET_IN_FOCUS)
            return Outcome(id=interaction_id)

        return await perform(self._store, caller, body)

    # ── what they share ──────────────────────────────────────────────────────────────────────────

    async def _decide(
        self, caller: Caller, interaction_id: InteractionId, decide: Decision, *, then: Consequence | None = None
    ) -> Outcome:
        caller.principal.require(Act.WORK)
        user_id = caller.principal.user_id

        async def body(tx: Transaction) -> Outcome:
            before = await tx.interactions.get(interaction_id)
            change = await decide(tx, before, user_id)
            reference_id = await tx.events.next_reference(user_id)
            await journal.record(tx, change, at_ms=caller.at_ms, actor=user_id, reference_id=reference_id)
            if then is not None:
                await then(tx, change, user_id)
            return Outcome(id=interaction_id, reference_id=reference_id)

        return await perform(self._store, caller, body)
