"""What waits, who is there, and what to do about it now."""

from collections.abc import Iterable, Mapping

from frontdesk.core.events import AgentChanged, Event, InteractionChanged
from frontdesk.core.expressions import parsed
from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import Policy
from frontdesk.core.routing.agents import AgentState, ChannelState, state_of
from frontdesk.core.routing.decisions import REMEMBERED, Decision, Offer, Ranked, Record, Rule
from frontdesk.core.routing.explain import Explanation, Stuck
from frontdesk.core.routing.facts import Facts

_POINT = 60_000_000


class RoutingState:
    """One contact centre. All times are milliseconds since the Unix epoch."""

    def __init__(self, facts: Facts, policy: Policy, now_ms: int) -> None:
        self._facts = facts
        self._policy = policy
        self._now_ms = now_ms
        self._items: dict[InteractionId, Interaction] = {}
        self._held: dict[InteractionId, tuple[str, tuple[UserId, ...]]] = {}
        self._agents: dict[UserId, AgentState] = {}
        self._last_agents: dict[InteractionId, UserId] = {}

    def set_facts(self, facts: Facts) -> None:
        """The directory changed."""
        self._facts = facts

    def set_policy(self, policy: Policy) -> None:
        """An administrator decided otherwise."""
        self._policy = policy

    def set_item(
        self,
        interaction: Interaction,
        *,
        at_ms: int | None = None,
        last_agent: UserId | None = None,
        is_answered: bool = False,
    ) -> None:
        """What an interaction has become: it waits while Queued, is in its holders' hands while it has any.

        `at_ms` is when, now if not given. `last_agent` had the contact or thread before; once told it is remembered.
        `is_answered`: it has had its automatic answer. A version older than the known one changes nothing.
        """
        self._items.pop(interaction.id, None)
        self._held.pop(interaction.id, None)
        if last_agent is not None:
            self._last_agents[interaction.id] = last_agent
        if interaction.state is State.QUEUED:
            self._items[interaction.id] = interaction
        elif interaction.holders:
            self._held[interaction.id] = (interaction.media_type, interaction.holders)

    def set_agent(self, agent: AgentState) -> None:
        """Where an agent is logged in, and how."""
        self._agents[agent.user] = agent

    def apply(self, event: Event, *, last_agent: UserId | None = None) -> None:
        """Something was committed. Events arrive in the order of their commits."""
        if isinstance(event, InteractionChanged):
            self.set_item(event.after, at_ms=event.at_ms, last_agent=last_agent)
        elif isinstance(event, AgentChanged):
            self.set_agent(state_of(event))

    def turn(self, now_ms: int, *, most: int | None = None) -> tuple[Decision, ...]:
        """All that is to be done now, in this order; at most `most` of it, the rest in the next turn.

        What is decided is taken as done. Where the store refuses, tell the truth by `set_item` and `set_agent` and
        take another turn.
        """
        self._now_ms = max(self._now_ms, now_ms)
        decisions: list[Decision] = []
        while most is None or len(decisions) < most:
            for item in sorted(self._items.values(), key=self._rank):
                candidates = self._candidates(item)
                if candidates:
                    decisions.append(self._offer(item, candidates))
                    break
            else:
                break
        return tuple(decisions)

    def next_timer_ms(self) -> int | None:
        """When to take a turn though nothing happened; a moment that has passed means at once."""
        return None

    def explain(self, interaction: InteractionId, now_ms: int) -> Explanation | None:
        """Why it waits, as of now; None if it does not."""
        item = self._items.get(interaction)
        if item is None:
            return None
        return Explanation(
            interaction=item.id,
            version=item.version,
            queue=item.queue,
            medium=item.media_type,
            policy=self._policy.version,
            step=0,
            waited_ms=now_ms - item.queued_at_ms,
            priority=item.priority,
            position=1,
            is_open=True,
            held_for=None,
            eligible=tuple(self._candidates(item)),
            excluded={},
            unblock=(),
        )

    def stuck(self, now_ms: int) -> tuple[Stuck, ...]:
        """What nobody can ever serve under the present policy, by queue and age."""
        return ()

    def serves(self, agent: UserId, queue: QueueId) -> bool:
        """True if the agent is a server of the queue and has what it requires, without any relaxation."""
        facts, known = self._facts.queues.get(queue), self._facts.agents.get(agent)
        if facts is None or known is None:
            return False
        policy = self._policy.of(queue)
        members, requires = parsed(policy.members), parsed(policy.requires)
        is_member = (
            agent in facts.agents
            or bool(facts.groups & known.groups)
            or (members is not None and members.holds(known.skills))
        )
        return is_member and (requires is None or requires.holds(known.skills))

    def _rank(self, item: Interaction) -> tuple[int, int, str]:
        ageing = round(self._policy.of(item.queue).ageing_per_minute * 1000)
        effective = item.priority * _POINT + ageing * (self._now_ms - item.queued_at_ms)
        return -effective, item.queued_at_ms, item.id

    def _candidates(self, item: Interaction) -> list[Ranked]:
        free = [
            Ranked(user, (self._units(agent), agent.channels[item.media_type].idle_since_ms))
            for user, agent in self._agents.items()
            if self.serves(user, item.queue) and user not in item.refused_by and self._has_room(agent, item.media_type)
        ]
        return sorted(free, key=lambda one: (one.value, one.user))

    def _offer(self, item: Interaction, candidates: list[Ranked]) -> Offer:
        policy = self._policy.of(item.queue)
        invitees = tuple(one.user for one in candidates[: policy.parallel])
        del self._items[item.id]
        self._held[item.id] = (item.media_type, invitees)
        record = Record(
            policy=self._policy.version,
            step=0,
            choice=policy.choice,
            waited_ms=self._now_ms - item.queued_at_ms,
            candidates=tuple(candidates[:REMEMBERED]),
            eligible=len(candidates),
            excluded=dict.fromkeys(Rule, 0),
        )
        return Offer(
            interaction=item.id, version=item.version, invitees=invitees, offer_s=policy.offer_s, record=record
        )

    def _loads(self, agent: AgentState) -> Mapping[str, int]:
        loads = {medium: channel.load for medium, channel in agent.channels.items()}
        for medium, holders in self._held.values():
            if agent.user in holders:
                loads[medium] = loads.get(medium, 0) + 1
        return loads

    def _units(self, agent: AgentState) -> int:
        return sum(load * self._policy.medium(medium).cost for medium, load in self._loads(agent).items())

    def _has_room(self, agent: AgentState, medium: str) -> bool:
        channel: ChannelState | None = agent.channels.get(medium)
        if channel is None or not channel.ready:
            return False
        loads, policy = self._loads(agent), self._policy
        return (
            loads[medium] < policy.limit_of(agent.user, medium)
            and self._units(agent) + policy.medium(medium).cost <= policy.units
            and all(_may_interrupt(policy, medium, other) for other in _others(loads, medium))
        )


def _others(loads: Mapping[str, int], medium: str) -> Iterable[str]:
    return (other for other, load in loads.items() if load and other != medium)


def _may_interrupt(policy: Policy, medium: str, other: str) -> bool:
    allowed = policy.medium(other).interruptible_by
    return allowed is None or medium in allowed
