"""The router's face: it is told what was committed, and asked what to do and why.

Nothing here reads a clock, and equal calls give equal answers. What a call costs follows the policy (how many queues an
agent serves, how many steps and media there are), not how many agents there are or interactions wait.
"""

from typing import Final

from frontdesk.core.events import AgentChanged, Event, InteractionChanged
from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import Policy
from frontdesk.core.routing import explain, turn
from frontdesk.core.routing.agents import AgentState, state_of
from frontdesk.core.routing.decisions import Decision
from frontdesk.core.routing.explain import Explanation, Stuck
from frontdesk.core.routing.facts import Facts
from frontdesk.core.routing.index import Index
from frontdesk.core.routing.pools import Item

_AT_ONCE: Final = 1_000


class RoutingState:
    """One contact centre. All times are milliseconds since the Unix epoch."""

    def __init__(self, facts: Facts, policy: Policy, now_ms: int) -> None:
        self._index = Index(facts, policy, now_ms)

    # ── what it is told ──────────────────────────────────────────────────────────────────────────

    def set_facts(self, facts: Facts) -> None:
        """The directory changed. It may leave something to `settle`."""
        self._index.set_facts(facts)

    def set_policy(self, policy: Policy) -> None:
        """An administrator decided otherwise. It may leave something to `settle`."""
        self._index.set_policy(policy)

    def set_agent(self, agent: AgentState) -> None:
        """Where an agent is logged in, and how."""
        self._index.set_agent(agent)

    def set_item(
        self,
        interaction: Interaction,
        *,
        at_ms: int | None = None,
        last_agent: UserId | None = None,
        is_answered: bool = False,
    ) -> None:
        """What an interaction has become: it waits while Queued, is in its holders' hands while it has any.

        `at_ms` is when, now if not given. `last_agent` (had the contact or thread before) and `is_answered` (had its
        automatic answer) are for whoever knows better than the interaction; once told they are remembered. A version
        older than the known one changes nothing.
        """
        index = self._index
        item = index.items.get(interaction.id)
        if item is not None and interaction.version < item.version:
            return
        waits = interaction.state is State.QUEUED
        holders = () if waits else interaction.holders
        if item is None:
            if not waits and not holders:
                return
            item = index.items[interaction.id] = Item(interaction.id, interaction.media_type)
        at_ms = index.now_ms if at_ms is None else at_ms
        was_expected = item.pool is not None or item.is_offered
        if item.pool is not None and (not waits or interaction.queue != item.queue):
            index.unplace(item)
        self._hand_over(item, holders, at_ms)
        item.version = interaction.version
        item.queue = interaction.queue
        item.priority = interaction.priority
        item.queued_at_ms = interaction.queued_at_ms
        item.refused = interaction.refused_by
        item.round_ends_ms = interaction.deadline_ms if waits else None
        item.is_offered = interaction.state is State.INVITED and was_expected
        item.is_answered = item.is_answered or is_answered or interaction.is_auto_answered
        last_agent = last_agent or interaction.last_agent
        if last_agent is not None and last_agent != item.last_agent:
            index.unplace(item)
            item.last_agent = last_agent
        if waits:
            index.place(item)
        elif not holders:
            del index.items[item.id]
        elif was_expected and interaction.owner is not None:
            index.line(item.queue).memory.services.append(at_ms)

    def apply(self, event: Event) -> None:
        """Something was committed. Events arrive in the order of their commits."""
        if isinstance(event, InteractionChanged):
            self.set_item(event.after, at_ms=event.at_ms)
        elif isinstance(event, AgentChanged):
            self.set_agent(state_of(event))

    def settle(self, most: int) -> bool:
        """Put at most so many interactions in their places after such a change; False when all are there.

        Whoever asks before that has all of it done at once.
        """
        return self._index.settle(most)

    # ── what it is asked ─────────────────────────────────────────────────────────────────────────

    def turn(self, now_ms: int, *, most: int | None = None) -> tuple[Decision, ...]:
        """All that is to be done now, in this order; at most `most` of it, the rest in the next turn.

        What is decided is taken as done. Where the store refuses, tell the truth by `set_item` and `set_agent` and
        take another turn.
        """
        self._settle()
        turn.advance(self._index, now_ms)
        return turn.decide(self._index, most)

    def next_timer_ms(self) -> int | None:
        """When to take a turn though nothing happens till then; a moment that has passed means at once."""
        self._settle()
        index = self._index
        if turn.is_waited_for(index):
            return index.now_ms
        moments = [moment for moment in (index.item_timers.next_ms, index.line_timers.next_ms) if moment is not None]
        return min(moments, default=None)

    def explain(self, interaction: InteractionId, now_ms: int) -> Explanation | None:
        """Why it waits, as of now; None if it does not."""
        self._settle()
        turn.advance(self._index, now_ms)
        item = self._index.items.get(interaction)
        return explain.explained(self._index, item) if item is not None and item.pool is not None else None

    def stuck(self, now_ms: int) -> tuple[Stuck, ...]:
        """What nobody can ever serve under the present policy, by queue and in the order of the queue."""
        self._settle()
        turn.advance(self._index, now_ms)
        return tuple(explain.stuck(self._index))

    def serves(self, agent: UserId, queue: QueueId) -> bool:
        """True if the agent is a server of the queue and has what it requires, without any relaxation."""
        return agent in self._index.servers.at(queue, 0).able

    def _settle(self) -> None:
        while self._index.settle(_AT_ONCE):
            pass

    def _hand_over(self, item: Item, holders: tuple[UserId, ...], at_ms: int) -> None:
        before, item.holders = item.holders, holders
        if before == holders:
            return
        for user in before:
            if user not in holders:
                self._index.take(user, item.medium, -1, at_ms)
        for user in holders:
            if user not in before:
                self._index.take(user, item.medium, 1, at_ms)
