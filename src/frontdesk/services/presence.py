"""The one way by which agents' sessions and channels change: rows, event, and what follows for the agents' work.

Offers on a channel that is logged out go back to where they came from. What an agent works on when the session ends
follows the policy of its queue: it stays, goes back to the queue as old as before, or is parked. Where a bin is not
there any more the queue takes it, so nothing is ever without a place. With who may not come back nothing stays.
"""

from collections.abc import Awaitable, Callable
from typing import Literal

from frontdesk.core import agents, interactions
from frontdesk.core.agents import Agent
from frontdesk.core.events import AgentChanged
from frontdesk.core.ids import OwnerId, QueueId, UserId
from frontdesk.core.interactions import Change, Interaction
from frontdesk.core.policy import AfterSession, QueuePolicy
from frontdesk.core.settings import Routing
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.ports import Transaction
from frontdesk.services import journal

#: What the contact centre's policy says of a queue, as the transaction sees it.
PolicyOf = Callable[[Transaction, QueueId], Awaitable[QueuePolicy]]
Cause = Literal["agent", "supervisor", "policy"]


async def plain_policy(_tx: Transaction, _queue: QueueId) -> QueuePolicy:
    """For a server without any: the defaults."""
    return QueuePolicy()


class Presence:
    """Writes down what was decided about agents, within a transaction of whoever calls."""

    def __init__(self, routing: Routing, policy_of: PolicyOf = plain_policy) -> None:
        self._refused_pause_ms = routing.refused_pause_s * 1000
        self._policy_of = policy_of

    async def record(
        self,
        tx: Transaction,
        before: Agent,
        after: Agent,
        *,
        trigger: str,
        at_ms: int,
        actor: UserId | None = None,
        cause: Cause = "policy",
    ) -> None:
        """Save the agent and tell of it. `actor` is None where nobody asked for it."""
        touched = {channel.channel for channel in before.channels if channel.is_logged_in}
        lost = {name for name in touched if not after.is_logged_in_on(name)}
        if lost:
            await self._withdraw_offers(tx, before.user_id, lost, at_ms)
        await tx.agents.save(after)
        now = await tx.agents.get(before.user_id)  # with the loads that were written meanwhile
        await tx.events.append(
            AgentChanged(
                trigger=trigger,
                at_ms=at_ms,
                agent=before.user_id,
                is_in_session=now.is_in_session,
                channels=tuple(one for one in now.channels if one.is_logged_in or one.channel in touched),
                actor=actor,
                cause=cause,
            )
        )

    async def end(
        self,
        tx: Transaction,
        user_id: UserId,
        *,
        trigger: str,
        at_ms: int,
        actor: UserId | None = None,
        cause: Cause = "policy",
    ) -> None:
        """Log out of everything. Ending what does not run changes nothing."""
        before = await tx.agents.get(user_id)
        after = agents.end(before, at_ms=at_ms)
        await tx.subscriptions.remove_all_of(user_id)
        if after != before:
            await self.record(tx, before, after, trigger=trigger, at_ms=at_ms, actor=actor, cause=cause)
            await self._leave_work(tx, user_id, at_ms)

    async def leave_for_good(self, tx: Transaction, user_id: UserId, *, trigger: str, at_ms: int) -> None:
        """Log out of everything, if need be, and leave nothing behind: the user may not work any more."""
        await self.end(tx, user_id, trigger=trigger, at_ms=at_ms)
        await self._leave_work(tx, user_id, at_ms, for_good=True)

    async def offer_missed(self, tx: Transaction, user_id: UserId, channel: str, *, limit: int, at_ms: int) -> None:
        """An offer to the agent expired: counted, and after `limit` in a row the channel is NotReady."""
        before = await tx.agents.get(user_id)
        after = agents.offer_missed(before, channel, limit=limit, at_ms=at_ms)
        if _states(after) == _states(before):
            if after != before:
                await tx.agents.save(after)
        else:
            await self.record(tx, before, after, trigger=agents.MISSED_OFFERS, at_ms=at_ms)

    async def wrap_up(self, tx: Transaction, user_id: UserId, channel: str, seconds: int, *, at_ms: int) -> None:
        """Something was completed: AfterCallWork for so long, then back to what the channel was. 0 s: nothing."""
        before = await tx.agents.get(user_id)
        after = agents.wrap_up(before, channel, seconds=seconds, at_ms=at_ms)
        if after != before:
            await self.record(tx, before, after, trigger="WrapUp", at_ms=at_ms)

    async def wrap_up_over(self, tx: Transaction, user_id: UserId, channel: str, *, at_ms: int) -> None:
        """The time to wrap up has passed. Too early, or once more, it does nothing."""
        before = await tx.agents.get(user_id)
        after = agents.wrap_up_over(before, channel, at_ms=at_ms)
        if after != before:
            await self.record(tx, before, after, trigger="WrapUpOver", at_ms=at_ms)

    # ── the agent's work ─────────────────────────────────────────────────────────────────────────

    async def _withdraw_offers(self, tx: Transaction, user_id: UserId, media: set[str], at_ms: int) -> None:
        for held in await tx.interactions.held_by(user_id):
            if user_id in held.invitees and held.media_type in media:
                change = interactions.withdraw(held, user_id, round_ends_at_ms=at_ms + self._refused_pause_ms)
                await journal.record(tx, change, at_ms=at_ms)

    async def _leave_work(self, tx: Transaction, user_id: UserId, at_ms: int, *, for_good: bool = False) -> None:
        for held in await tx.interactions.held_by(user_id):
            if held.owner == user_id:
                change = await self._left(tx, held, user_id, for_good=for_good)
                if change is not None:
                    await journal.record(tx, change, at_ms=at_ms)

    async def _left(self, tx: Transaction, held: Interaction, user_id: UserId, *, for_good: bool) -> Change | None:
        """Where an interaction goes whose owner's session ends; None if it stays with the owner."""
        policy = await self._policy_of(tx, held.queue)
        if policy.after_session is AfterSession.KEEP and not for_good:
            return None
        if policy.after_session is AfterSession.WORKBIN and policy.after_session_workbin is not None:
            found = await _bin(tx, policy.after_session_workbin)
            owner = None if found is None else await _content_owner(tx, found, user_id)
            if found is not None and owner is not None:
                return interactions.park(held, found.id, owner)
        return interactions.give_back(held)


def _states(agent: Agent) -> list[object]:
    return [channel.standing for channel in agent.channels]


async def _bin(tx: Transaction, named: str) -> Workbin | None:
    """A workbin by name or id."""
    return await tx.workbins.named(named) or await tx.workbins.find(named)


async def _content_owner(tx: Transaction, held: Workbin, user_id: UserId) -> OwnerId | None:
    """Whose content of the bin it comes to: the agent's own, or that of the group; None if there is nobody's."""
    if held.type is WorkbinType.AGENT:
        return OwnerId(user_id)
    if held.type is not WorkbinType.AGENT_GROUP:
        return None
    groups = await tx.groups.all()
    namesakes = [group for group in groups if group.name == held.name]
    choices = namesakes or [group for group in groups if user_id in group.members]
    return OwnerId(choices[0].id) if len(choices) == 1 else None
