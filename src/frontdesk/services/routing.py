"""The router at work: a routing state for each contact centre, fed by what was committed, and its decisions made true.

The state is a cache, never the truth. An offer is made in a transaction that looks again at both sides: the interaction
still waits at that version, each agent is ready and has room in the same statement that takes it. Where that fails the
state is told the truth and asked again.

One at a time routes a contact centre: whoever took its lease last. Every decision is made true only while the lease is
still at the epoch that this router took; one that lost it decides nothing more (`lost`), and goes on telling why.
"""

import asyncio
from collections.abc import Sequence

from frontdesk.core import interactions
from frontdesk.core.agents import Agent
from frontdesk.core.errors import Forbidden, NotYours
from frontdesk.core.events import Committed, DirectoryChanged, Event
from frontdesk.core.ids import ContactCentreId, InteractionId
from frontdesk.core.interactions import Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.policy import Policy
from frontdesk.core.routing import (
    Decision,
    Explanation,
    Facts,
    Offer,
    Overflow,
    RoutingState,
    Stuck,
    state_of,
)
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.kit.log import get_logger
from frontdesk.ports import Outcome, Page, Store, Transaction
from frontdesk.services import journal
from frontdesk.services.calls import Caller, perform
from frontdesk.services.policies import Policies

log = get_logger(__name__)

#: Turns in a row that come to nothing before the router is given a pause, or the next event.
_MOST_IN_VAIN = 3
_PAUSE_MS = 1_000
#: Decisions of one turn; more follow in the next, so that sockets breathe.
_MOST_AT_ONCE = 64
_PAGE = 1000
#: Interactions that are moved at once after a change: about 1 ms of work.
_SLICE = 256
#: For reading a whole contact centre at the start.
_LOADING_S = 120.0


class _Centre:
    """The routing state of one contact centre, and what it was made from."""

    def __init__(self, facts: Facts, policy: Policy, state: RoutingState) -> None:
        self.facts = facts
        self.policy = policy
        self.state = state
        self.is_settled = True  # nothing is left to be moved after a change of the directory or the policy
        self.in_vain = 0  # turns in a row of which nothing could be made true


class _LeaseLost(Exception):
    """Somebody else routes this contact centre now."""


class Routing:
    """Use-cases of routing, for the matcher and for whoever asks why."""

    def __init__(self, store: Store, clock: Clock, policies: Policies, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._settings = settings
        self._centres: dict[ContactCentreId, _Centre] = {}
        self._early: dict[ContactCentreId, list[Event]] = {}
        self._locks: dict[ContactCentreId, asyncio.Lock] = {}  # for what is done once
        self._outdated: set[ContactCentreId] = set()
        self._epochs: dict[ContactCentreId, int] = {}  # by which our decisions are known
        self.lost: set[ContactCentreId] = set()  # which somebody else routes now

    async def contact_centres(self) -> list[ContactCentreId]:
        """All there are: at the start nothing is known of any."""
        return [one.id for one in await self._store.read_server(lambda tx: tx.contact_centres())]

    # ── what happened ────────────────────────────────────────────────────────────────────────────

    def hear(self, batch: Sequence[Committed]) -> set[ContactCentreId]:
        """Feed committed events; the contact centres in which something may be decided now."""
        woken = set()
        for committed in batch:
            contact_centre, event = committed.contact_centre, committed.event
            if isinstance(event, DirectoryChanged):
                self._outdated.add(contact_centre)
            elif contact_centre in self._early:
                self._early[contact_centre].append(event)
            elif contact_centre in self._centres:
                self._centres[contact_centre].state.apply(event)
            woken.add(contact_centre)
        return woken

    async def turn(self, contact_centre: ContactCentreId) -> bool:
        """Decide what can be decided and make it true. True if there may be more to do at once."""
        if contact_centre in self.lost:
            return False
        epoch = self._epochs.get(contact_centre) or await self._lease_taken(contact_centre)
        centre = await self._up_to_date(contact_centre)
        decisions = centre.state.turn(self._clock.now_ms(), most=_MOST_AT_ONCE)
        if not decisions:
            return False
        carried_out = (self._carried_out(contact_centre, centre, epoch, one) for one in decisions)
        made = await asyncio.gather(*carried_out, return_exceptions=True)
        failures = [one for one in made if isinstance(one, BaseException)]
        if failures:  # of these the state believes what never came to be
            self.forget(contact_centre)
            if not any(isinstance(one, _LeaseLost) for one in failures):
                raise failures[0]
            self.lost.add(contact_centre)
            log.error("routing was taken over: this process offers nothing more", contact_centre=contact_centre)
            return False
        if any(made):
            centre.in_vain = 0
            return True
        # The state was told the truth and may decide otherwise now; if the two never agree, it is asked less often.
        centre.in_vain += 1
        if centre.in_vain > _MOST_IN_VAIN:
            log.warning("routing and store disagree", contact_centre=contact_centre, decisions=len(decisions))
            return False
        return True

    def forget(self, contact_centre: ContactCentreId) -> None:
        """Make the state anew from the store at the next turn: something went wrong with this one."""
        self._centres.pop(contact_centre, None)

    def next_timer_ms(self, contact_centre: ContactCentreId) -> int | None:
        """When to ask again though nothing happens."""
        centre = self._centres.get(contact_centre)
        if centre is None or contact_centre in self.lost:
            return None
        if centre.in_vain > _MOST_IN_VAIN:
            return self._clock.now_ms() + _PAUSE_MS
        return centre.state.next_timer_ms()

    # ── why ──────────────────────────────────────────────────────────────────────────────────────

    async def explain(self, who: Principal, interaction_id: InteractionId) -> tuple[Explanation | None, Facts]:
        """Why it waits, as things are now; None if it does not wait. Raises NotFound."""
        await self._store.read(who.contact_centre, lambda tx: tx.interactions.get(interaction_id))
        centre = await self._up_to_date(who.contact_centre)
        return centre.state.explain(interaction_id, self._clock.now_ms()), centre.facts

    async def stuck(self, who: Principal) -> tuple[tuple[Stuck, ...], Facts]:
        """What nobody can ever serve under the present policy."""
        centre = await self._up_to_date(who.contact_centre)
        return centre.state.stuck(self._clock.now_ms()), centre.facts

    # ── taking ───────────────────────────────────────────────────────────────────────────────────

    async def take(self, caller: Caller, interaction_id: InteractionId) -> Outcome:
        """Work on something that waits without being asked, where the queue's policy allows it.

        Raises NotYours unless the caller serves the queue, Forbidden where the queue does not allow it.
        """
        who = caller.principal
        who.require(Act.WORK)
        centre = await self._up_to_date(who.contact_centre)

        async def body(tx: Transaction) -> Outcome:
            before = await tx.interactions.get(interaction_id)
            change = interactions.pull(before, who.user_id)
            if not centre.state.serves(who.user_id, before.queue):
                raise NotYours("interaction", interaction_id)
            if not centre.policy.of(before.queue).pull:
                raise Forbidden(f"The queue {before.queue_name} does not allow its interactions to be taken.")
            reference_id = await tx.events.next_reference(who.user_id)
            await journal.record(tx, change, at_ms=caller.at_ms, actor=who.user_id, reference_id=reference_id)
            return Outcome(id=interaction_id, reference_id=reference_id)

        return await perform(self._store, caller, body)

    # ── the state ────────────────────────────────────────────────────────────────────────────────

    async def _up_to_date(self, contact_centre: ContactCentreId) -> _Centre:
        centre = self._centres.get(contact_centre)
        if centre is None:
            async with self._locks.setdefault(contact_centre, asyncio.Lock()):  # the router and who asks why
                return self._centres.get(contact_centre) or await self._loaded(contact_centre)
        if contact_centre in self._outdated or not centre.is_settled:
            async with self._locks.setdefault(contact_centre, asyncio.Lock()):
                await self._brought_up_to_date(contact_centre, centre)
        return centre

    async def _brought_up_to_date(self, contact_centre: ContactCentreId, centre: _Centre) -> None:
        """By the directory and the policy as they are now. What waits moves in slices, so that sockets breathe."""
        while contact_centre in self._outdated or not centre.is_settled:
            if contact_centre in self._outdated:
                self._outdated.discard(contact_centre)
                facts, policy = await self._policies.snapshot(contact_centre)
                centre.facts, centre.policy = facts, policy
                centre.state.set_facts(facts)
                centre.state.set_policy(policy)
            centre.is_settled = not centre.state.settle(_SLICE)
            await asyncio.sleep(0)

    async def _loaded(self, contact_centre: ContactCentreId) -> _Centre:
        """Made anew from the store. What is committed meanwhile is kept, and fed afterwards."""
        early = self._early.setdefault(contact_centre, [])
        self._outdated.discard(contact_centre)
        try:
            facts, policy = await self._policies.snapshot(contact_centre)
            state = RoutingState(facts, policy, self._clock.now_ms())

            async def body(tx: Transaction) -> None:
                for agent in await tx.agents.all():
                    state.set_agent(state_of(agent))
                page, total = Page(_PAGE), 1
                while page.offset < total:
                    found, total = await tx.interactions.live(page)
                    for one in found:
                        state.set_item(one)
                    page = Page(_PAGE, page.offset + _PAGE)

            await self._store.report(contact_centre, body, limit_s=_LOADING_S)
            for event in early:
                state.apply(event)
        finally:
            self._early.pop(contact_centre, None)
        centre = self._centres[contact_centre] = _Centre(facts, policy, state)
        return centre

    # ── making decisions true ────────────────────────────────────────────────────────────────────

    async def _lease_taken(self, contact_centre: ContactCentreId) -> int:
        """The epoch by which our decisions are known; the lease is taken once, whoever asks for it."""
        async with self._locks.setdefault(contact_centre, asyncio.Lock()):
            if contact_centre not in self._epochs:
                now_ms = self._clock.now_ms()
                taken = self._store.transact(contact_centre, lambda tx: tx.leases.take(at_ms=now_ms))
                self._epochs[contact_centre] = await taken
            return self._epochs[contact_centre]

    async def _carried_out(
        self, contact_centre: ContactCentreId, centre: _Centre, epoch: int, decision: Decision
    ) -> bool:
        """Whether it could be made true; if not, the state knows better now. Raises _LeaseLost."""

        async def body(tx: Transaction) -> tuple[Interaction | None, list[Agent]]:
            """The truth, where the decision could not be made true; (None, []) where it was."""
            before = await tx.interactions.find(decision.interaction)
            if before is None or before.version != decision.version or before.state is not State.QUEUED:
                return before, []
            if isinstance(decision, Offer):
                return await self._offered(tx, centre.policy, epoch, before, decision)
            await _check_lease(tx, epoch)
            if isinstance(decision, Overflow):
                queue = await tx.queues.find(decision.to)
                if queue is None:
                    return before, []
                change = interactions.overflow(before, queue.id, queue.name)
            else:
                change = interactions.auto_answer(before)
            await journal.record(tx, change, at_ms=self._clock.now_ms())
            return None, []

        truth, agents = await self._store.transact(contact_centre, body)
        for agent in agents:
            centre.state.set_agent(state_of(agent))
        if truth is not None:
            centre.state.set_item(truth)
        return truth is None

    async def _offered(
        self, tx: Transaction, policy: Policy, epoch: int, before: Interaction, offer: Offer
    ) -> tuple[Interaction | None, list[Agent]]:
        now_ms, medium = self._clock.now_ms(), before.media_type
        taken = [
            user
            for user in offer.invitees
            if await tx.agents.reserve(
                user,
                medium,
                cost=policy.medium(medium).cost,
                limit=policy.limit_of(user, medium),
                units=policy.units,
                epoch=epoch,
                at_ms=now_ms,
                cost_of=lambda other: policy.medium(other).cost,
                may_interrupt=lambda held: policy.may_interrupt(medium, held),
            )
        ]
        refused = [await tx.agents.get(user) for user in offer.invitees if user not in taken]
        if not taken:
            await _check_lease(tx, epoch)  # the other reason for which nothing is reserved
            return before, refused
        change = interactions.offer(before, tuple(taken), deadline_ms=now_ms + offer.offer_s * 1000)
        await journal.record(tx, change, at_ms=now_ms, reserved=tuple(taken), record=offer.record)
        return None, refused


async def _check_lease(tx: Transaction, epoch: int) -> None:
    if await tx.leases.epoch() != epoch:
        raise _LeaseLost
